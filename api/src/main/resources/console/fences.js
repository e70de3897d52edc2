// The files in a model's answer, as it streams in: fenced blocks, and the prose between them.
// Which path a file really has is the worker's to say; this is for looking at.

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const PATH = /([\w.-]+(?:\/[\w.-]+)*\.\w{1,8}|Makefile|Dockerfile)/;

/**
 * @param paths those the job has said it took, if it has already
 * @return `[{kind: 'prose'|'code', text, language, path, open}]`
 */
export function parts(answer, paths = []) {
    const found = [];
    let prose = [];
    let block = null;
    const endProse = () => {
        const text = prose.join('\n').trim();
        if (text) found.push({kind: 'prose', text});
        prose = [];
    };
    for (const line of answer.split('\n')) {
        const fence = FENCE.exec(line);
        if (block) {
            if (fence && fence[1][0] === block.mark[0] && fence[1].length >= block.mark.length && !fence[2].trim()) {
                found.push(finish(block, false, paths));
                block = null;
            } else {
                block.lines.push(line);
            }
        } else if (fence) {
            const above = prose.findLast((each) => each.trim()) || '';
            endProse();
            block = {mark: fence[1], info: fence[2].trim(), above, lines: []};
        } else {
            prose.push(line);
        }
    }
    if (block) found.push(finish(block, true, paths));
    endProse();
    return found;
}

/** The line that opened the block in which a text ends, with its line break; empty outside of blocks. */
export function openFence(text) {
    let mark = null;
    let opened = '';
    for (const line of text.match(/^ {0,3}(?:`{3,}|~{3,}).*$/gm) || []) {
        const fence = FENCE.exec(line);
        if (!mark) [mark, opened] = [fence[1], line + '\n'];
        else if (fence[1][0] === mark[0] && fence[1].length >= mark.length && !fence[2].trim()) [mark, opened] = [null, ''];
    }
    return opened;
}

function finish(block, open, paths) {
    const language = (/^[\w+#-]+/.exec(block.info) || [''])[0].toLowerCase();
    const first = block.lines[0] || '';
    const isComment = /^\s*(#|\/\/|\/\*|<!--|--)/.test(first);
    // The worker takes the line that names the file out of its content.
    const inComment = isComment && named(first.replace(/file:|filename:/i, ''), paths, true);
    const path = named(block.info.slice(language.length), paths, false) || inComment
        || named(block.above, paths, false);
    const lines = inComment && path === inComment ? block.lines.slice(1) : block.lines;
    return {kind: 'code', language, path: path || null, open, text: lines.join('\n') + (open ? '' : '\n')};
}

function named(text, paths, whole) {
    // The longest first: `test_main.py` contains `main.py`.
    const known = paths.filter((path) => text.includes(path)).sort((a, b) => b.length - a.length)[0];
    if (known) return known;
    const found = PATH.exec(text);
    if (!found) return null;
    const rest = text.replace(found[0], '').replace(/[\s#/*<>!:`'"=-]|title|file(name)?/gi, '');
    return whole && rest ? null : found[0];
}

/** What the named files of an answer contain, over those there were before. */
export function filesOf(answer, before, paths = []) {
    const files = new Map(before);
    const blocks = parts(answer, paths).filter((each) => each.kind === 'code');
    const unnamed = blocks.filter((each) => !each.path);
    for (const each of blocks) if (each.path) files.set(each.path, each.text);
    if (unnamed.length === blocks.length && blocks.length > 0 && paths.length === 1) {
        const longest = unnamed.reduce((a, b) => (b.text.length > a.text.length ? b : a));
        files.set(paths[0], longest.text);
    }
    return files;
}

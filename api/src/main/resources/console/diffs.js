// What a round changed, line by line, with the words that changed inside a line.
import {diffLines, diffWordsWithSpace} from './lib/diff.js';
import {html, useMemo} from './html.js';
import {visible} from './text.js';

const CONTEXT = 3;
// Beyond these a comparison takes too long to be made while text streams in.
const MAX_TEXT = 256 * 1024;
const MAX_EDITS = 1500;
const AHEAD = 100;
const MAX_ROWS = 2000;

/**
 * @param partial whether `after` is still being written: what it lacks at its end isn't removed
 * @return `{rows, added, removed}`, or null when the two differ too much
 */
export function compare(before, after, partial) {
    if (before.length > MAX_TEXT || after.length > MAX_TEXT) return null;
    const until = partial ? lineStart(before, after.split('\n').length + AHEAD) : before.length;
    const parts = diffLines(before.slice(0, until), after, {maxEditLength: MAX_EDITS});
    if (!parts) return null;
    const rows = [];
    let left = 1;
    let right = 1;
    parts.forEach((part, i) => {
        const lines = part.value.replace(/\n$/, '').split('\n');
        const unwritten = partial && part.removed && parts.slice(i + 1).every((each) => each.removed);
        for (const text of lines) {
            if (part.added) rows.push({kind: 'add', right: right++, text});
            else if (unwritten) rows.push({kind: 'wait', left: left++, text});
            else if (part.removed) rows.push({kind: 'del', left: left++, text});
            else rows.push({kind: 'same', left: left++, right: right++, text});
        }
    });
    pairWords(rows);
    const total = (kind) => rows.filter((row) => row.kind === kind).length;
    return {rows: nearChanges(rows), added: total('add'), removed: total('del')};
}

/** Where a line begins; the text's end if it has fewer. */
function lineStart(text, line) {
    let at = 0;
    for (let i = 0; i < line && at >= 0; i++) at = text.indexOf('\n', at) + 1 || -1;
    return at < 0 ? text.length : at;
}

/** Marks the words that differ where as many lines were put in as taken out. */
function pairWords(rows) {
    for (let i = 0; i < rows.length;) {
        let d = i;
        while (rows[d]?.kind === 'del') d++;
        let a = d;
        while (rows[a]?.kind === 'add') a++;
        const n = d - i;
        if (n > 0 && n === a - d && n <= 40) {
            for (let k = 0; k < n; k++) {
                const [old, now] = [rows[i + k], rows[d + k]];
                if (old.text.length + now.text.length > 600) continue;
                const words = diffWordsWithSpace(old.text, now.text);
                const kept = words.filter((w) => !w.added && !w.removed).reduce((sum, w) => sum + w.value.trim().length, 0);
                if (kept < 4) continue;
                old.words = words.filter((w) => !w.added);
                now.words = words.filter((w) => !w.removed);
            }
        }
        i = Math.max(a, i + 1);
    }
}

/** The changes with the lines around them; what lies between is a gap. */
function nearChanges(rows) {
    const near = new Uint8Array(rows.length);
    rows.forEach((row, i) => {
        if (row.kind === 'add' || row.kind === 'del') near.fill(1, Math.max(0, i - CONTEXT), i + CONTEXT + 1);
    });
    const kept = [];
    let skipped = 0;
    rows.forEach((row, i) => {
        if (near[i]) {
            if (skipped) kept.push({kind: 'gap', text: skipped + (skipped === 1 ? ' line' : ' lines')});
            skipped = 0;
            kept.push(row);
        } else {
            skipped++;
        }
    });
    if (skipped && kept.length) kept.push({kind: 'gap', text: skipped + (skipped === 1 ? ' line' : ' lines')});
    return kept.length > MAX_ROWS ? [...kept.slice(0, MAX_ROWS), {kind: 'gap', text: 'more'}] : kept;
}

const SIGN = {add: '+', del: '−', same: ' ', wait: ' ', gap: '⋯'};
const SAID = {add: 'added: ', del: 'removed: '};

/** One file's change. `before` is null for a file that is new. */
export function Diff({path, before, after, partial = false}) {
    const change = useMemo(() => compare(before ?? '', after, partial), [before, after, partial]);
    if (!change) return html`<p class="hint">${path}: too much has changed to show it line by line.</p>`;
    if (!change.added && !change.removed) return null;
    return html`<section class="diff" aria-label=${'Changes of ' + path}>
        <h4><span class="path">${visible(path)}</span>${before == null && html` <span class="tag">new</span>`}
            <span class="plus">+${change.added}</span> <span class="minus">−${change.removed}</span></h4>
        <div class="scroll-x" tabindex="0" role="group" aria-label=${'Changed lines of ' + path}>
        <table><tbody>${change.rows.map((row) => html`<tr class=${row.kind}>
            <td class="ln">${row.left ?? ''}</td><td class="ln">${row.right ?? ''}</td>
            <td class="sign">${SIGN[row.kind]}${SAID[row.kind] && html`<span class="sr">${SAID[row.kind]}</span>`}</td>
            <td class="text">${row.words
                ? row.words.map((w) => (w.added || w.removed ? html`<mark>${visible(w.value)}</mark>` : visible(w.value)))
                : visible(row.text)}</td></tr>`)}</tbody></table></div>
    </section>`;
}

/** All files that differ between two states. */
export function Diffs({before, after, partial}) {
    const paths = [...after.keys()].filter((path) => before.get(path) !== after.get(path)).sort();
    if (!paths.length) return html`<p class="hint">${partial ? 'Nothing has changed yet.' : 'No file has changed.'}</p>`;
    return paths.map((path) => html`<${Diff} key=${path} path=${path} before=${before.get(path) ?? null}
        after=${after.get(path)} partial=${partial} />`);
}

// Highlighting, as elements and text. highlight.js makes a string of HTML with `<span class>` and
// five entities in it and nothing else; it is taken apart here, so that no HTML is ever parsed.
import {html, useEffect, useMemo, useState} from './html.js';
import {visible} from './text.js';

// Longer texts aren't highlighted: it takes more than a frame.
const MAX_COLOURED = 96 * 1024;
const CHUNK = 16 * 1024;
// While a text grows, it is done again with every piece.
const MAX_LIVE = 24 * 1024;
const LANGUAGES = ['python', 'javascript', 'typescript', 'c', 'cpp', 'bash', 'json', 'markdown', 'go', 'rust', 'java'];
const ALIASES = {py: 'python', js: 'javascript', mjs: 'javascript', cjs: 'javascript', node: 'javascript', ts: 'typescript',
    sh: 'bash', shell: 'bash', 'c++': 'cpp', cc: 'cpp', h: 'c', hpp: 'cpp', md: 'markdown', rs: 'rust'};
const ENTITIES = {'&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': '\''};
const TOKEN = /<span class="([\w .-]*)">|<\/span>|&(?:amp|lt|gt|quot|#x27);/g;

let hljs = null;
let loading = null;

function load() {
    loading ||= Promise.all([import('./lib/highlight.js'), ...LANGUAGES.map((name) => import('./lib/languages/' + name + '.js'))])
        .then(([core, ...languages]) => {
            languages.forEach((language, i) => core.default.registerLanguage(LANGUAGES[i], language.default));
            hljs = core.default;
        });
    return loading;
}

export function languageOf(path, fallback = '') {
    const ending = path ? path.slice(path.lastIndexOf('.') + 1).toLowerCase() : fallback.toLowerCase();
    const name = ALIASES[ending] || ending;
    return LANGUAGES.includes(name) ? name : '';
}

/** Elements for a text that is visible already. */
function coloured(text, language) {
    const marked = hljs.highlight(text, {language, ignoreIllegals: true}).value;
    const root = {children: []};
    const open = [root];
    let at = 0;
    const say = (piece) => piece && open.at(-1).children.push(piece);
    for (const token of marked.matchAll(TOKEN)) {
        say(marked.slice(at, token.index));
        at = token.index + token[0].length;
        if (token[0][0] === '&') say(ENTITIES[token[0]]);
        else if (token[1] !== undefined) open.push({name: token[1], children: []});
        else if (open.length > 1) {
            const done = open.pop();
            open.at(-1).children.push(html`<span class=${done.name}>${done.children}</span>`);
        }
    }
    say(marked.slice(at));
    return root.children;
}

/** A long text in pieces that the browser lays out when they come into view. */
function inChunks(text) {
    if (text.length <= CHUNK * 2) return text;
    const chunks = [];
    for (let at = 0; at < text.length;) {
        const line = text.indexOf('\n', at + CHUNK);
        const end = line < 0 ? text.length : line + 1;
        chunks.push(html`<span class="chunk">${text.slice(at, end)}</span>`);
        at = end;
    }
    return chunks;
}

/** Code, highlighted once the library is there and while it is short enough. */
export function Code({text, language, live = false}) {
    const [ready, setReady] = useState(hljs !== null);
    const wanted = language && text.length <= (live ? MAX_LIVE : MAX_COLOURED);
    useEffect(() => {
        if (wanted && !ready) load().then(() => setReady(true), () => {});
    }, [wanted, ready]);
    return useMemo(() => {
        const shown = visible(text);
        return html`<code class="hljs">${wanted && ready ? coloured(shown, language) : inChunks(shown)}</code>`;
    }, [text, language, wanted && ready]);
}

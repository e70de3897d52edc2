// How tests ended, file by file.
import {html, useState} from './html.js';
import {visible} from './text.js';

const MARKS = {passed: '✔', skipped: '–'};
const WORDS = {passed: 'passed', failed: 'failed', skipped: 'skipped', left_out: 'left out'};
// Of more, those that passed are shown when asked for.
const EACH = 25;

export function Tests({results}) {
    const [all, setAll] = useState(false);
    const shown = all || results.length <= EACH ? results : results.filter((each) => each.status !== 'passed');
    const files = new Map();
    for (const each of shown) {
        const at = each.name.indexOf('::');
        const file = at < 0 ? '' : each.name.slice(0, at);
        const name = at < 0 ? each.name : each.name.slice(at + 2).replaceAll('::', ' › ');
        if (!files.has(file)) files.set(file, []);
        files.get(file).push({name, status: each.status});
    }
    return html`<section class="ticks" aria-label="Tests">
        ${[...files].map(([file, tests]) => html`<div key=${file}>${file && html`<h4>${visible(file)}</h4>`}
            <ul>${tests.map((each, i) => html`<li key=${i} class=${each.status}><span aria-hidden="true">${MARKS[each.status] || '✘'}</span>
                ${visible(each.name)}<span class="sr">, ${WORDS[each.status] || visible(String(each.status))}</span></li>`)}</ul></div>`)}
        ${shown.length < results.length && html`<button class="small" onClick=${() => setAll(true)}>Show all ${results.length} tests</button>`}
    </section>`;
}

// Cases and requests: one row each, with what differed.
import {cx, html, useState} from './html.js';
import {bytes, duration} from './format.js';
import {visible} from './text.js';

const MAX_ROWS = 200;

export function Cases({cases}) {
    const [all, setAll] = useState(false);
    const failed = cases.filter((each) => each.status !== 'passed');
    // What failed comes first: it is what one looks for.
    const sorted = [...failed, ...cases.filter((each) => each.status === 'passed')];
    const shown = all ? sorted : sorted.slice(0, MAX_ROWS);
    return html`<section class="cases"><h3>${cases.length - failed.length} of ${cases.length} passed</h3>
        <div class="scroll-x" tabindex="0" role="group" aria-label="Cases"><table>
        <thead><tr><th scope="col">Case</th><th scope="col">Result</th><th scope="col">Exit</th><th scope="col">Time</th><th scope="col">Memory</th></tr></thead>
        <tbody>${shown.map((each) => html`
            <tr key=${each.name} class=${each.status}><th scope="row">${visible(each.name)}</th>
                <td><span class=${cx('badge', each.status === 'passed' ? 'succeeded' : 'failed')}><i></i>${each.status}</span></td>
                <td>${each.signal || (each.exit_code ?? '')}</td><td>${duration(each.duration_ms)}</td><td>${bytes(each.peak_memory_bytes)}</td></tr>
            ${each.diff && html`<tr key=${each.name + '-diff'} class="differs"><td colspan="5"><pre>${lines(each.diff)}</pre></td></tr>`}`)}
        </tbody></table></div>
        ${sorted.length > shown.length && html`<button class="small" onClick=${() => setAll(true)}>Show all ${sorted.length}</button>`}
    </section>`;
}

function lines(diff) {
    return visible(diff).split('\n').map((line) => html`<span class=${cx('dl', line[0] === '+' && 'add', line[0] === '-' && 'del')}>${line + '\n'}</span>`);
}

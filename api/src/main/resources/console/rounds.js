// Red, diff, green: what each round wrote, what it changed, and what the sandbox said.
import {Code, languageOf} from './colour.js';
import {Cases} from './cases.js';
import {Tests} from './tests.js';
import {Diffs} from './diffs.js';
import {bytes} from './format.js';
import {cx, html, useMemo, useState} from './html.js';
import {filesOf, openFence, parts} from './fences.js';
import {terminal} from './ansi.js';
import {STAGE, WHY, causes, proved, roundName} from './verdict.js';
import {tail, visible} from './text.js';
import {Copy, Pane, Tabs} from './widgets.js';

// What is laid out of a longer text: its end, cut anew only after so much more.
const SHOWN = 96 * 1024;
const STEP = 48 * 1024;

/** Where the shown end of a text begins. */
function cutOf(text) {
    if (text.length <= SHOWN) return 0;
    const line = text.indexOf('\n', Math.ceil((text.length - SHOWN) / STEP) * STEP);
    return line < 0 ? text.length - SHOWN : line + 1;
}

export function markOf(round) {
    const status = round.verify?.verification?.status;
    if (status === 'passed') return 'green';
    if (status && status !== 'skipped') return 'red';
    return (round.verify || round.code)?.to == null ? 'live' : 'none';
}

/** A model's answer: prose as prose, blocks as files. */
export function Answer({step, language, label}) {
    const streaming = step.to == null;
    const [all, setAll] = useState(false);
    const cut = all ? 0 : cutOf(step.text);
    // The block in which it was cut goes on as one.
    const lead = useMemo(() => openFence(step.text.slice(0, cut)), [cut]);
    const shown = lead + step.text.slice(cut);
    const found = useMemo(() => parts(shown, step.files), [shown, step.files]);
    return html`<div class="answer">
        ${step.thinking && html`<details class="thinking"><summary>${streaming && !step.text ? 'Thinking…' : 'Thinking'}
            <span class="hint"> ${bytes(step.thinking.length)}</span></summary><pre>${visible(tail(step.thinking, SHOWN))}</pre></details>`}
        <${Pane} label=${label} follow=${streaming} depends=${step.text.length} className="code">
            ${cut > 0 && html`<p class="hint">The last ${bytes(shown.length)} of ${bytes(step.text.length + step.omitted)}.
                ${!streaming && html` <button class="small" onClick=${() => setAll(true)}>Show all</button>`}</p>`}
            ${!found.length && !streaming && html`<p class="hint">Nothing was written.</p>`}
            ${found.map((part, i) => part.kind === 'prose'
                ? html`<p key=${i} class="prose">${visible(part.text)}</p>`
                : html`<figure key=${i} class="block"><figcaption><span class="path">${visible(part.path || part.language || 'code')}</span>
                    ${!part.open && html`<${Copy} text=${part.text} />`}</figcaption>
                    <pre><${Code} text=${part.text} language=${languageOf(part.path, part.language || language)} live=${part.open} /></pre></figure>`)}
            ${streaming && html`<span class="caret" aria-hidden="true"></span>`}
        <//>
    </div>`;
}

export function Terminal({step, label}) {
    const spans = useMemo(() => terminal(step.output), [step.outputSize, step.output.length, step.outputOmitted]);
    const text = () => step.output.map((each) => each.text).join('');
    return html`<div class="terminal-box">
        <div class="head"><span>Sandbox output</span>${step.output.length > 0 && html`<${Copy} text=${text} />`}</div>
        <${Pane} label=${label} follow=${step.to == null} depends=${step.outputSize} className="terminal">
            ${step.outputOmitted > 0 && html`<p class="hint">${bytes(step.outputOmitted)} before this are in the job’s log.</p>`}
            <pre>${spans.length ? spans : step.to == null ? (step.judging ? '' : 'Waiting for output…') : '(nothing was printed)'}</pre>
        <//></div>`;
}

function Finding({round, previous}) {
    const v = round.verify?.verification;
    if (!round.verify) return null;
    if (!v) {
        return html`<p class="finding live">${round.verify.to != null ? 'Ended without a verdict' : round.verify.judging
            ? 'The tests passed; a judge the program can’t reach runs them again…' : 'Running in the sandbox…'}</p>`;
    }
    const passed = v.status === 'passed';
    const why = causes(round.verify);
    return html`<div class=${cx('finding', passed ? 'green' : v.status === 'skipped' ? 'none' : 'red')}>
        <p><b>${passed ? '✔' : '✘'} ${proved(v)}</b>${passed && previous && html`<span class="hint"> — before the repair, ${proved(previous.verify.verification)}</span>`}</p>
        ${passed && previous && html`<p class="same">${sameTest(previous, v)}</p>`}
        ${why.length > 0 && html`<pre class="why">${visible(why.join('\n'))}</pre>`}</div>`;
}

/** The test whose failure is shown beside it: with no test failed, it passes now. */
function sameTest(previous, v) {
    const name = v.tests && previous.verify.verification.tests?.failed ? causes(previous.verify)[0] : null;
    return name && /^test|::|^[\w.]+(\[|$)/.test(name) ? html`✔ <code>${visible(name)}</code> passes now` : null;
}

const NOTHING = new Map();
// Of longer answers no changes are shown: they would be looked for with every piece that comes.
const MAX_ANSWER = 512 * 1024;

/** The files as they stood after each of these rounds; null when the answers are too long for it. */
function filesAfter(found) {
    if (found.some((round) => round.code?.text.length > MAX_ANSWER)) return null;
    return found.reduce((before, round) => (round.code ? filesOf(round.code.text, before, round.code.files) : before), NOTHING);
}

/** What a round changed of the files of those before it. */
function Changes({found, at}) {
    const code = found[at].code;
    const streaming = code.to == null;
    const before = useMemo(() => filesAfter(found.slice(0, at)), [at, found[at - 1].code]);
    const after = useMemo(() => filesAfter(found.slice(0, at + 1)), [at, code.text, code.files]);
    return html`<${Pane} label="Changes of this repair" follow=${streaming} depends=${code.text.length} className="changes">
        ${before && after ? html`<${Diffs} before=${before} after=${after} partial=${streaming} />`
            : html`<p class="hint">The answers are too long to show what changed.</p>`}<//>`;
}

export function Rounds({found, language, chosen, onChoose, ended}) {
    const [view, setView] = useState(null);
    if (!found.length) return null;
    const at = Math.max(0, found.findIndex((round) => round.number === chosen));
    const round = found[at];
    const repaired = at > 0 && round.code;
    const shown = view === 'code' || !repaired ? 'code' : 'diff';
    const streaming = round.code && round.code.to == null;
    const content = html`
            ${repaired && found[at - 1].verify?.verification && html`<div class="story">
                <div class="was"><h3>What failed</h3><${Finding} round=${found[at - 1]} /></div>
                <div class="now"><h3>The same after the repair</h3>${round.verify ? html`<${Finding} round=${round} previous=${found[at - 1]} />`
                    : html`<p class="finding live">${streaming ? 'The repair is being written…' : 'Not run yet'}</p>`}</div></div>`}
            ${!repaired && (found.length > 1 || !ended) && html`<${Finding} round=${round} />`}
            <div class="work">
                ${round.code && html`<div class="written"><div class="head">
                    ${repaired ? html`<span class="switch" role="group" aria-label="Show">
                        <button aria-pressed=${String(shown === 'diff')} onClick=${() => setView('diff')}>Changes</button>
                        <button aria-pressed=${String(shown === 'code')} onClick=${() => setView('code')}>Code</button></span>` : html`<span>Code</span>`}
                    </div>
                    ${shown === 'diff'
                        ? html`<${Changes} key=${round.number} found=${found} at=${at} />`
                        : html`<${Answer} key=${round.code.key} step=${round.code} language=${language} label="Code of this round" />`}</div>`}
                ${round.verify && html`<${Terminal} key=${round.verify.key} step=${round.verify} label="Sandbox output of this round" />`}
            </div>
            ${round.verify && round.verify.cases.size > 0 && html`<${Cases} cases=${[...round.verify.cases.values()]} />`}
            ${round.verify?.verification?.test_results?.length > 0 && html`<${Tests} results=${round.verify.verification.test_results} />`}
            ${round.earlier.map((step) => html`<details class="earlier" key=${step.key}><summary>${STAGE[step.stage]}, void: ${WHY[step.reason] || visible(step.reason || 'it began anew')}</summary>
                ${step.stage === 'code' ? html`<${Answer} step=${step} language=${language} label="Void code" />` : html`<${Terminal} step=${step} label="Void output" />`}</details>`)}`;
    // A verdict that stands above isn't said twice, and one round alone needs no tabs.
    return html`<section class="rounds" aria-label="Rounds">${found.length === 1 ? content : html`
        <${Tabs} id="round" label="Rounds" chosen=${round.number} onChoose=${onChoose}
            tabs=${found.map((each) => ({id: each.number, label: roundName(each.number), mark: markOf(each)}))}>${content}<//>`}</section>`;
}

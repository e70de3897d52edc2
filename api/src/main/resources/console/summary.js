// Where the eye lands first: what is going on, what was proved, or why it failed.
import {cx, html} from './html.js';
import {duration} from './format.js';
import {STAGE, WHY, causes, evidence, proved, roundName} from './verdict.js';
import {visible} from './text.js';
import {useNow} from './widgets.js';

export function Summary({job, run, found}) {
    const status = run.status || job?.status;
    if (status === 'succeeded') return html`<${Success} job=${job} run=${run} found=${found} />`;
    if (status === 'failed') return html`<${Failure} job=${job} run=${run} found=${found} />`;
    if (status === 'cancelled') return html`<section class="summary none"><h2>Cancelled</h2><p>What there was by then is kept below.</p></section>`;
    return html`<${Going} job=${job} run=${run} />`;
}

function Going({job, run}) {
    const now = useNow(true);
    const wait = run.waits.at(-1);
    if (!run.steps.length || run.status === 'queued') {
        const since = wait?.from ?? now;
        const position = job?.queue_position ?? run.position;
        return html`<section class="summary live"><h2>${run.status === 'running' ? 'Starting' : 'Waiting in the queue'} <span class="clock">${duration(now - since)}</span></h2>
            <p>${wait?.reason ? 'It goes back to the queue: ' + (WHY[wait.reason] || visible(wait.reason)) + '. '
                + (wait.message ? visible(wait.message) : '') : position ? (position === 1 ? 'It is next.' : 'Position ' + position + '.') : ''}
            ${!job?.started_at && now - since > 5000 && ' If this goes on, no worker has a free place.'}</p></section>`;
    }
    const step = run.steps.findLast((each) => each.to == null) || run.steps.at(-1);
    const words = {
        spec: 'The model writes the specification', code: step.round ? 'The model repairs the code' : 'The model writes the code',
        verify: step.judging ? 'A judge runs the tests again, where the program can’t reach' : 'The sandbox runs it', docs: 'The model writes the documentation'
    };
    return html`<section class="summary live"><h2>${words[step.stage]} <span class="clock">${duration(now - step.from)}</span></h2>
        <p>${roundName(step.round)}${run.attempts.length > 1 ? ', run ' + run.attempts.length : ''}${run.attempts.length ? ', on ' + run.attempts.at(-1).worker : ''}.</p></section>`;
}

const lastVerdict = (job, found) => job?.verification || found.findLast((round) => round.verify?.verification)?.verify.verification;

function Success({job, found}) {
    const v = lastVerdict(job, found);
    const passed = v?.status === 'passed';
    const ran = v != null;
    const failed = job?.kind === 'execute' && ran && !passed;
    return html`<section class=${cx('summary', passed ? 'green' : failed ? 'red' : 'none')}>
        <h2>${passed ? (v.tests || v.cases?.length ? '✔ Verified: ' : '✔ Passed: ') : failed ? '✘ ' : ran ? 'Not verified: ' : 'Done'}${ran && proved(v)}</h2>
        ${v?.repairs > 0 && passed && html`<p>After ${v.repairs === 1 ? 'one repair' : v.repairs + ' repairs'}.</p>`}
        ${evidence(v).map((text, i) => html`<p key=${i}>${text}</p>`)}
        ${!ran && html`<p>Nothing was run, so nothing is proved.</p>`}
        ${!passed && html`<${Why} found=${found} />`}</section>`;
}

function Failure({job, run, found}) {
    const error = run.error || job?.error;
    const v = lastVerdict(job, found);
    const byCode = error?.code === 'verification_failed';
    return html`<section class="summary red"><h2>✘ ${byCode && v ? 'It didn’t pass: ' + proved(v) : 'Failed' + (error?.stage ? ' in ' + (STAGE[error.stage] || error.stage).toLowerCase() : '')}</h2>
        ${error && !byCode && html`<p class="cause">${visible(error.message || error.code)}</p>`}
        ${byCode && html`<${Why} found=${found} />`}
        ${byCode && evidence(v).slice(0, 1).map((text) => html`<p>${text}</p>`)}
        ${error && html`<p class="hint">${error.code}${error.retryable ? ', another try may go better' : ''}</p>`}</section>`;
}

function Why({found}) {
    const why = causes(found.findLast((round) => round.verify)?.verify);
    return why.length > 0 && html`<pre class="why">${visible(why.join('\n'))}</pre>`;
}

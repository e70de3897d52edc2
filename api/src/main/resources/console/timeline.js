// The time in the queue apart from the run; each attempt, and each round of a stage, a bar of its own.
import {cx, html} from './html.js';
import {duration} from './format.js';
import {STAGE, WHY} from './verdict.js';
import {useNow} from './widgets.js';

function stepName(step) {
    if (step.stage === 'code' && step.round > 0) return 'Code, repair ' + step.round;
    if (step.stage === 'verify' && step.round > 0) return 'Verification ' + (step.round + 1);
    return STAGE[step.stage] || step.stage;
}

function rowsOf(run) {
    const rows = run.waits.map((wait) => ({
        key: 'wait' + wait.from, name: wait.reason ? 'Queue, again' : 'Queue', kind: 'wait', from: wait.from, to: wait.to,
        note: wait.reason ? WHY[wait.reason] || wait.reason : ''
    }));
    const many = run.attempts.length > 1;
    run.attempts.forEach((attempt, i) => {
        if (many) rows.push({
            key: 'attempt' + i, name: 'Run ' + (i + 1), kind: cx('attempt', attempt.lost && 'lost'), from: attempt.from, to: attempt.to,
            note: attempt.worker + (attempt.lost ? ': ' + (WHY[attempt.lost] || attempt.lost) : '')
        });
    });
    for (const step of run.steps) {
        rows.push({
            key: 'step' + step.key, name: stepName(step), kind: cx('step', step.status, step.stage), from: step.from, to: step.to,
            step, note: step.reason ? WHY[step.reason] || step.reason : ''
        });
    }
    return rows.sort((a, b) => a.from - b.from);
}

const SAID = {running: 'running', succeeded: 'done', failed: 'not passed', skipped: 'skipped', void: 'void', lost: 'lost', cancelled: 'cancelled'};

/** Stages that a retry took over: they took no time here. */
function takenOver(job) {
    return (job?.retry_of ? job.stages : []).filter((stage) => stage.runs === 0 && stage.status === 'succeeded')
        .map((stage) => ({key: 'taken' + stage.name, name: STAGE[stage.name], taken: true, note: 'taken over'}));
}

export function Timeline({job, run, onOpen}) {
    const now = useNow(run.endedAt == null);
    const begin = run.queuedAt;
    if (begin == null) return null;
    const end = Math.max(run.endedAt ?? now, begin + 200);
    const share = (ms) => (100 * ms) / (end - begin);
    const rows = [...takenOver(job), ...rowsOf(run)];
    return html`<section class=${cx('timeline', rows.some((row) => row.note) && 'noted')} aria-label="Timeline"><ol>
        ${rows.map((row) => {
            const to = row.to ?? Math.max(now, row.from ?? 0);
            const took = row.taken ? '' : duration(to - row.from);
            const label = html`<span class="name">${row.name}</span>
                <span class="track">${!row.taken && html`<span class=${cx('fill', row.kind, row.to == null && 'open')}
                    style=${{left: share(row.from - begin) + '%', width: Math.max(0.6, share(to - row.from)) + '%'}}></span>`}</span>
                <span class="took">${took}</span>
                <span class="note">${row.step && html`<span class="sr">${SAID[row.step.status]} </span>`}${row.note}</span>`;
            return html`<li key=${row.key} class=${cx('row', row.step && 'can', row.note && 'has-note')}>${row.step
                ? html`<button onClick=${() => onOpen(row.step)}>${label}</button>`
                : html`<div>${label}</div>`}</li>`;
        })}
    </ol></section>`;
}

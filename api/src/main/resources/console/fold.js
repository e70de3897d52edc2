// A job's log, folded into what there is to see. Nothing that was seen vanishes: what was voided
// stays with its step, and every round keeps its own.

// Most that the page holds of one text. The rest is in the job's log.
export const MAX_TEXT = 2 * 1024 * 1024;
const MAX_OUTPUT = 256 * 1024;
const MAX_CASES = 1000;

export function newRun() {
    return {
        seq: 0, status: null, queuedAt: null, endedAt: null, position: null,
        waits: [],      // {from, to, reason, message}: the times in the queue
        attempts: [],   // {number, worker, from, to, lost}
        steps: [],      // a stage's rounds, in the order they began
        usage: {input: 0, output: 0, cost: 0, estimated: false},
        files: new Map(),
        error: null, judging: false
    };
}

const newStep = (event, number) => ({
    key: number, stage: event.stage, round: event.round, attempt: event.attempt,
    from: Date.parse(event.at), to: null, status: 'running', reason: null,
    text: '', omitted: 0, thinking: '', output: [], outputSize: 0, outputOmitted: 0,
    files: [], cases: new Map(), verification: null, usage: null, judging: null
});

/** The last step of this stage that is still under way, or the last one. */
function step(run, stage, round) {
    for (let i = run.steps.length - 1; i >= 0; i--) {
        const each = run.steps[i];
        if (each.stage === stage && (round == null || each.round === round)) return each;
    }
    return null;
}

function append(step, field, text) {
    const room = MAX_TEXT - step[field].length;
    if (text.length > room) step.omitted += text.length - Math.max(0, room);
    if (room > 0) step[field] += text.slice(0, room);
}

/** What a program printed, joined where it is of one stream; of too much the beginning goes. */
function print(step, stream, text) {
    const last = step.output.at(-1);
    if (last && last.stream === stream && last.text.length < 16384) {
        step.output[step.output.length - 1] = {stream, text: last.text + text};
    } else {
        step.output.push({stream, text});
    }
    step.outputSize += text.length;
    while (step.outputSize > MAX_OUTPUT && step.output.length > 1) {
        const gone = step.output.shift().text.length;
        step.outputSize -= gone;
        step.outputOmitted += gone;
    }
}

function pay(run, usage) {
    if (!usage) return;
    run.usage.input += usage.input_tokens || 0;
    run.usage.output += usage.output_tokens || 0;
    // A sum with a part whose price nobody knows isn't known either.
    run.usage.cost = run.usage.cost == null || usage.cost_usd == null ? null : run.usage.cost + usage.cost_usd;
    run.usage.estimated ||= !!usage.estimated;
}

function endSteps(run, at, status, reason) {
    for (const each of run.steps) {
        if (each.to == null) Object.assign(each, {to: at, status, reason});
    }
}

function endAttempt(run, at, lost) {
    const attempt = run.attempts.at(-1);
    if (attempt && attempt.to == null) Object.assign(attempt, {to: at, lost});
}

const HANDLERS = {
    queued(run, event, at) {
        Object.assign(run, {queuedAt: at, position: event.queue_position, status: 'queued'});
        run.waits.push({from: at, to: null, reason: null});
    },
    started(run, event, at) {
        const wait = run.waits.at(-1);
        if (wait && wait.to == null) wait.to = at;
        endAttempt(run, at, 'worker_lost');
        run.attempts.push({number: event.attempt, worker: event.worker, from: at, to: null, lost: null});
        Object.assign(run, {status: 'running', position: null});
    },
    stage_started(run, event) {
        run.steps.push(newStep(event, run.steps.length));
    },
    chunk(run, event) {
        const at = step(run, event.stage, event.round);
        if (at) append(at, event.reasoning ? 'thinking' : 'text', event.delta);
    },
    file(run, event) {
        run.files.set(event.path, event);
        const at = step(run, 'code', event.round) || step(run, 'verify', event.round);
        if (at) at.files = [...at.files.filter((each) => each !== event.path), event.path];
    },
    sandbox_output(run, event) {
        const at = step(run, 'verify', event.round);
        if (at) print(at, event.stream, event.text);
    },
    case(run, event) {
        const at = step(run, 'verify', event.round);
        // A run that is repeated reports its cases again.
        if (at && (at.cases.size < MAX_CASES || at.cases.has(event.name))) at.cases.set(event.name, event);
    },
    judging(run, event, at) {
        const verify = step(run, 'verify', event.round);
        if (verify) verify.judging = at;
    },
    verification(run, event) {
        const at = step(run, 'verify', event.round);
        if (at) at.verification = event;
    },
    stage_completed(run, event, at) {
        const done = step(run, event.stage, event.round);
        if (done) Object.assign(done, {to: at, status: event.status, usage: event.usage});
        pay(run, event.usage);
    },
    stage_reset(run, event, at) {
        // After a verdict the round stays what it was: only its place as the newest goes.
        if (event.reason === 'repair') return;
        const open = step(run, event.stage, null);
        if (open && (open.to == null || open.status === 'lost')) {
            // An answer that came whole, and whose program couldn't be told: no attempt broke off.
            const reason = event.reason === 'retry' && open.to == null ? 'form' : event.reason;
            Object.assign(open, {to: open.to ?? at, status: 'void', reason});
        }
    },
    retrying(run, event, at) {
        endSteps(run, at, 'lost', event.reason);
        endAttempt(run, at, event.reason);
        run.waits.push({from: at, to: null, reason: event.reason, message: event.message, delay: event.delay_ms});
        run.status = 'queued';
    },
    succeeded(run, _, at) {
        end(run, at, 'succeeded');
    },
    failed(run, event, at) {
        run.error = event.error;
        end(run, at, 'failed');
    },
    cancelled(run, _, at) {
        end(run, at, 'cancelled');
    }
};

function end(run, at, status) {
    const wait = run.waits.at(-1);
    if (wait && wait.to == null) wait.to = at;
    endSteps(run, at, status === 'succeeded' ? 'succeeded' : status, null);
    endAttempt(run, at, null);
    Object.assign(run, {status, endedAt: at});
}

/** Folds events into the run, which changes. */
export function fold(run, events) {
    for (const event of events) {
        HANDLERS[event.type]?.(run, event, Date.parse(event.at));
        run.seq = event.seq;
    }
}

/** The rounds of code and verify: the last step of each, and those that were voided before it. */
export function rounds(run) {
    const found = [];
    for (const each of run.steps) {
        if (each.stage !== 'code' && each.stage !== 'verify') continue;
        const round = (found[each.round] ||= {number: each.round, code: null, verify: null, earlier: []});
        if (round[each.stage]) round.earlier.push(round[each.stage]);
        round[each.stage] = each;
    }
    return found.filter(Boolean);
}

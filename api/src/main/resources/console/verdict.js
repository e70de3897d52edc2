// What was proved, and what went wrong, in words.
import {count, duration} from './format.js';
import {oneLine} from './text.js';

const SEEN = {
    isolated: 'The tests ran again in a container that the program can’t reach, so it can’t have forged the result.',
    observed: 'The worker compared what came out of the container, so the program can’t have forged the result.',
    reported: 'The tests ran in the program’s own process and reported this themselves. Code that sets out to cheat could forge it.'
};
const WHOSE = {caller: 'Your tests decided.', model: 'The model’s own tests decided.', both: 'Your tests and the model’s decided.'};

/** `18 tests passed`: the verdict's first line. */
export function proved(v) {
    if (!v) return 'nothing was run';
    if (v.status === 'passed') {
        if (v.kind === 'tests' && v.tests) return count(v.tests.run, 'test') + ' passed';
        if (Array.isArray(v.cases) && v.cases.length) return tally(v) + ' passed';
        if (v.kind === 'server') return (v.http_status ? 'the server answered ' + v.http_status : 'it listened') + ' on :' + v.port;
        if (v.kind === 'build') return 'it compiled';
        return 'it ran, exit ' + v.exit_code + ', no tests';
    }
    if (v.status === 'skipped') return 'not run: ' + oneLine(v.reason || 'no reason given');
    if (v.status === 'timed_out') return 'timed out after ' + duration(v.duration_ms);
    if (v.status === 'out_of_memory') return 'ran out of memory';
    if (v.status === 'output_limit') return 'printed too much and was stopped';
    if (v.status !== 'failed') return 'not passed: ' + oneLine(String(v.status));
    if (v.tests?.failed) return v.tests.failed + ' of ' + count(v.tests.run, 'test') + ' failed';
    if (Array.isArray(v.cases) && v.cases.length) return 'only ' + tally(v) + ' passed';
    if (v.reason === 'compile_error') return 'it doesn’t compile';
    if (v.reason) return oneLine(v.reason.replaceAll('_', ' ')) + (v.missing?.length ? ': ' + oneLine(v.missing.join(', ')) : '');
    if (v.signal) return 'ended by signal ' + v.signal;
    return 'exit ' + v.exit_code;
}

function tally(v) {
    const passed = v.cases.filter((each) => each.status === 'passed').length;
    return passed + ' of ' + count(v.cases.length, v.kind === 'http' ? 'request' : 'case');
}

/** Who saw it, whose tests, and what is not proved: sentences. */
export function evidence(v) {
    if (!v || v.status === 'skipped') return [];
    const said = [];
    if (v.tests && WHOSE[v.tests.by]) said.push(WHOSE[v.tests.by]);
    if (v.evidence === 'observed' && (v.kind === 'run' || v.kind === 'build')) said.push('The worker saw how it ended.');
    else if (SEEN[v.evidence]) said.push(SEEN[v.evidence]);
    if (v.evidence_reason) said.push('Not judged from outside: ' + oneLine(v.evidence_reason, 400));
    if (v.status === 'passed' && (v.kind === 'run' || v.kind === 'build')) said.push('No test says that it does the right thing.');
    if (v.status === 'passed' && v.kind === 'server') said.push('No test says that its answers are right.');
    return said;
}

export const STATUS = {queued: 'Waiting', running: 'Running', succeeded: 'Succeeded', failed: 'Failed', cancelled: 'Cancelled'};

export const STAGE = {spec: 'Specification', code: 'Code', verify: 'Verification', docs: 'Documentation'};

export const WHY = {
    worker_lost: 'the worker was lost', worker_stopped: 'the worker was stopped', crash: 'the worker was lost',
    retry: 'the model failed', form: 'the model is asked for its files in another form', repair: 'the code didn’t pass'
};

export const roundName = (n) => (n === 0 ? 'First try' : 'Repair ' + n);

/**
 * The lines that say why a round didn't pass, out of what was printed: of pytest and node the failed
 * assertions, else the end.
 */
export function causes(step, most = 14) {
    const v = step?.verification;
    if (!v || v.status === 'passed') return [];
    const failed = [...step.cases.values()].find((each) => each.status !== 'passed');
    if (failed) return [failed.name + ': ' + failed.status, ...String(failed.diff || '').split('\n')].slice(0, most);
    if (v.compile?.stderr && v.compile.exit_code !== 0) return v.compile.stderr.split('\n').slice(0, most);
    const lines = step.output.map((each) => each.text).join('').split('\n');
    const begin = lines.findIndex((line) => /^=+ (FAILURES|ERRORS) =+$/.test(line));
    if (begin >= 0) {
        const end = lines.findIndex((line, i) => i > begin && /^(=+ |_{5,})/.test(line) && i > begin + 1);
        const first = lines.slice(begin + 1, end < 0 ? undefined : end).filter((line) => line.trim());
        const errors = first.filter((line) => /^(>|E )/.test(line));
        return [first[0]?.replace(/^_+ | _+$/g, ''), ...(errors.length ? errors : first.slice(1))].filter(Boolean).slice(0, most);
    }
    const tap = lines.findIndex((line) => /^\s*not ok /.test(line));
    if (tap >= 0) return lines.slice(tap, tap + most);
    return lines.filter((line) => line.trim()).slice(-most);
}

// What is kept in this browser: the draft of a prompt, and what was submitted from here, so that it
// can be edited and sent again with all that the job itself doesn't tell (your tests).

const DRAFT = 'atomic.draft';
const SENT = 'atomic.sent';
const MAX_STORED = 1024 * 1024;
const MAX_SENT = 20;

export const EMPTY = {
    mode: 'generate', prompt: '', language: 'python', framework: '', stages: ['spec', 'code', 'verify', 'docs'], model: '',
    instructions: '', maxTokens: '', temperature: '', priority: 'normal', maxAttempts: '', timeout: '',
    policy: 'required', kind: 'auto', evidence: 'reported', stopOnFailure: false, checks: '', command: '', args: '', stdin: '',
    memory: '', cpu: '', runTimeout: '', pids: '', collect: '', files: [], tests: []
};

function read(key, otherwise) {
    try {
        const stored = localStorage.getItem(key);
        return stored ? JSON.parse(stored) : otherwise;
    } catch {
        return otherwise;
    }
}

function write(key, value) {
    try {
        const text = JSON.stringify(value);
        if (text.length > MAX_STORED) return false;
        localStorage.setItem(key, text);
        return true;
    } catch {
        // Full, or not allowed: the page works without.
        return false;
    }
}

export const loadDraft = () => ({...EMPTY, ...read(DRAFT, {})});

/** Keeps the draft; without its files if they are too large. Says whether all of it was kept. */
export function saveDraft(draft) {
    return write(DRAFT, draft) || (write(DRAFT, {...draft, files: [], tests: []}), draft.files.length + draft.tests.length === 0);
}

/** Remembers what a job was submitted with. */
export function remember(id, draft) {
    const sent = read(SENT, []).filter((each) => each.id !== id);
    let kept = [{id, draft}, ...sent].slice(0, MAX_SENT);
    while (kept.length && !write(SENT, kept)) kept = kept.slice(0, -1);
}

export const remembered = (id) => read(SENT, []).find((each) => each.id === id)?.draft || null;

/** A number; what isn't one goes as it is, and the api says what is wrong with it. */
const number = (text) => (text === '' || text == null ? undefined : Number.isNaN(Number(text)) ? text : Number(text));
const words = (text) => (text.trim() ? text.trim().split(/\s+/) : undefined);

/** The field of `verify` that a text of cases or requests belongs to; throws if it can't be read. */
export function readChecks(text) {
    if (!text.trim()) return {};
    let list;
    try {
        list = JSON.parse(text);
    } catch {
        try {
            list = text.split('\n').filter((line) => line.trim()).map((line) => JSON.parse(line));
        } catch (failure) {
            throw new Error('This is neither a JSON list nor JSON lines: ' + failure.message);
        }
    }
    if (list && !Array.isArray(list)) list = list.cases || list.requests || [list];
    if (!list.length || list.some((each) => each === null || typeof each !== 'object')) throw new Error('It must be a list of objects.');
    return list.some((each) => 'expect' in each) ? {requests: list} : {cases: list};
}

const attached = (files) => (files.length ? files.map(({path, content, encoding}) => ({path, content, encoding})) : undefined);

function verifyOf(draft) {
    const verify = {
        policy: draft.mode === 'generate' && draft.policy !== 'required' ? draft.policy : undefined,
        kind: draft.kind !== 'auto' ? draft.kind : undefined,
        evidence: draft.evidence !== 'reported' ? draft.evidence : undefined,
        stop_on_failure: draft.stopOnFailure || undefined,
        command: draft.mode === 'generate' ? words(draft.command) : undefined,
        files: attached(draft.tests),
        ...readChecks(draft.checks)
    };
    return Object.values(verify).some((value) => value !== undefined) ? verify : undefined;
}

/** The body of `POST /api/jobs`, or of `POST /api/execute` for files alone. */
export function bodyOf(draft) {
    if (draft.mode === 'execute') {
        const limits = {
            memory_mb: number(draft.memory), cpu_millicores: number(draft.cpu),
            timeout_seconds: number(draft.runTimeout), pids: number(draft.pids)
        };
        return {
            language: draft.language, files: attached(draft.files) || [], command: words(draft.command), args: words(draft.args),
            stdin: draft.stdin || undefined, collect: words(draft.collect), verify: verifyOf(draft),
            limits: Object.values(limits).some((value) => value !== undefined) ? limits : undefined
        };
    }
    const all = draft.stages.length === EMPTY.stages.length;
    return {
        prompt: draft.prompt, language: draft.language, framework: draft.framework || undefined,
        pipeline: all ? undefined : EMPTY.stages.filter((stage) => draft.stages.includes(stage)),
        model: draft.model || undefined, instructions: draft.instructions || undefined, max_tokens: number(draft.maxTokens),
        temperature: number(draft.temperature), priority: draft.priority !== 'normal' ? draft.priority : undefined,
        max_attempts: number(draft.maxAttempts), timeout_seconds: number(draft.timeout),
        files: attached(draft.files), verify: verifyOf(draft), previous_job_id: draft.previous || undefined
    };
}

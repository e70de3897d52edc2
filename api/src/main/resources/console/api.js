// The api over HTTP, as any client has it.
import {credentials, refusal, refused, takeKey} from './access.js';

/** A refusal: what the server says for people, its code, and the fields at fault. */
export class Problem extends Error {
    constructor(status, body) {
        super(body?.detail || body?.title || 'The api answered ' + status + '.');
        this.status = status;
        this.code = body?.code || '';
        this.fields = Array.isArray(body?.errors) ? body.errors : [];
    }
}

/** How far this machine's clock is ahead of the api's, in ms; small differences count as none. */
export let skew = 0;

function heardTime(response) {
    const date = Date.parse(response.headers.get('Date') || '');
    if (!Number.isNaN(date)) {
        const ahead = Date.now() - date;
        skew = Math.abs(ahead) < 2500 ? 0 : ahead;
    }
}

const AWAY = 'The api can’t be reached.';

async function request(method, path, body, headers = {}) {
    // Until there is a key, asking is no use.
    if (refusal() !== null) throw new Problem(401, {detail: refusal(), code: 'unauthorized'});
    const who = credentials();
    let response;
    try {
        response = await fetch(path, {
            method,
            headers: {...(body === undefined ? {} : {'Content-Type': 'application/json'}), ...headers, ...who},
            body: body === undefined ? undefined : JSON.stringify(body)
        });
    } catch {
        throw new Problem(0, {detail: AWAY, code: 'unreachable'});
    }
    heardTime(response);
    const text = await response.text();
    let answer = null;
    try {
        answer = text ? JSON.parse(text) : null;
    } catch {
        // not JSON: the status says enough
    }
    if (response.status === 401) refused(who, answer?.detail || 'The api wants a key.');
    // The health of an api without its database is an answer too.
    if (!response.ok && !(path === '/health' && answer)) throw new Problem(response.status, answer);
    return answer;
}

export const get = (path) => request('GET', path);
export const post = (path, body, headers) => request('POST', path, body, headers);

/** Takes the key if it is good; if it isn't, what to tell. */
export async function offerKey(key) {
    if (!/^[\x21-\x7e]+$/.test(key)) return 'This isn’t a key: it has a character that no key has.';
    let response;
    try {
        response = await fetch('/api/models', {headers: {Authorization: 'Bearer ' + key}});
    } catch {
        return AWAY;
    }
    if (!response.ok) return new Problem(response.status, await response.json().catch(() => null)).message;
    takeKey(key);
    return null;
}

export const jobUrl = (id) => '/api/jobs/' + encodeURIComponent(id);

/** A file's bytes; null when it is gone. */
export async function fileBytes(url) {
    const response = await fetch(url, {headers: credentials()});
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
}

/** A job's whole log, an event a line. */
export async function wholeLog(id) {
    const lines = [];
    for (let after = 0, last = 1; after < last;) {
        const page = await get(jobUrl(id) + '/events?limit=1000&after=' + after);
        if (!page.events.length) break;
        for (const event of page.events) lines.push(JSON.stringify(event) + '\n');
        after = page.events.at(-1).seq;
        last = page.last_seq;
    }
    return new Blob(lines, {type: 'application/x-ndjson'});
}

/** Has the browser save what was made here. */
export function save(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** A key under which the same submit makes one job, however often it is sent. */
export function newKey() {
    const random = crypto.getRandomValues(new Uint8Array(16));
    return 'console-' + Array.from(random, (b) => b.toString(16).padStart(2, '0')).join('');
}

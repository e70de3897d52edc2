// The api over HTTP, as any client has it.

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

async function request(method, path, body, headers = {}) {
    let response;
    try {
        response = await fetch(path, {
            method,
            headers: body === undefined ? headers : {'Content-Type': 'application/json', ...headers},
            body: body === undefined ? undefined : JSON.stringify(body)
        });
    } catch {
        throw new Problem(0, {detail: 'The api can’t be reached.', code: 'unreachable'});
    }
    heardTime(response);
    const text = await response.text();
    let answer = null;
    try {
        answer = text ? JSON.parse(text) : null;
    } catch {
        // not JSON: the status says enough
    }
    // The health of an api without its database is an answer too.
    if (!response.ok && !(path === '/health' && answer)) throw new Problem(response.status, answer);
    return answer;
}

export const get = (path) => request('GET', path);
export const post = (path, body, headers) => request('POST', path, body, headers);

export const jobUrl = (id) => '/api/jobs/' + encodeURIComponent(id);

/** A file's bytes; null when it is gone. */
export async function fileBytes(url) {
    const response = await fetch(url);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
}

/** A key under which the same submit makes one job, however often it is sent. */
export function newKey() {
    const random = crypto.getRandomValues(new Uint8Array(16));
    return 'console-' + Array.from(random, (b) => b.toString(16).padStart(2, '0')).join('');
}

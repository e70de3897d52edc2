// Says to a socket what a client may say and what none should: node converse.mjs CLIENT URL. Fails at the first answer
// that isn't the one expected.
import assert from 'node:assert';
import { WebSocket as Ws } from 'ws';

const [client, base] = process.argv.slice(2);
const Client = client === 'ws' ? Ws : globalThis.WebSocket;
const MIB = 1024 * 1024;
const HELD = { prompt: 'held', pipeline: ['spec'], accumulate: false };

function connect() {
    const socket = new Client(`${base.replace('http', 'ws')}/ws/stream`);
    const heard = [];
    let wake = () => {};
    socket.onmessage = ({ data }) => {
        heard.push(JSON.parse(data));
        wake();
    };
    const closed = new Promise((done) => {
        socket.onclose = ({ code }) => done(code);
    });
    socket.onerror = () => {};
    // The first message heard that fits, whatever came before.
    async function until(fits) {
        for (;;) {
            const at = heard.findIndex(fits);
            if (at >= 0) {
                return heard.splice(at, 1)[0];
            }
            await new Promise((done) => {
                wake = done;
            });
        }
    }
    async function ask(message, ref) {
        socket.send(typeof message === 'string' ? message : JSON.stringify({ ...message, ref }));
        return until((each) => (ref ? each.ref === ref : each.type === 'error' && !('seq' in each)));
    }
    return new Promise((done) => {
        socket.onopen = () => done({ socket, ask, until, closed });
    });
}

const { socket, ask, until, closed } = await connect();

// Many jobs on one socket, each answer told by its ref.
const jobs = [];
for (let i = 0; i < 5; i += 1) {
    const accepted = await ask(HELD, `job-${i}`);
    assert.equal(accepted.type, 'accepted');
    jobs.push(accepted.job_id);
}
assert.equal(new Set(jobs).size, 5);
for (const job of jobs) {
    assert.equal((await until((each) => each.job_id === job && each.type === 'queued')).seq, 1);
}

// Bad messages are answered, and the socket lives.
for (const [message, code] of [['nonsense', 'malformed_json'], ['[]', 'invalid_request'],
    ['{"prompt":5}', 'invalid_request'], ['{"subscribe":"nobody"}', 'not_found'],
    ['{"prompt":"x","colour":1}', 'invalid_request'],
    [JSON.stringify({ prompt: 'x'.repeat(2 * MIB) }), 'too_large']]) {
    assert.equal((await ask(message)).code, code, message.slice(0, 40));
}
assert.equal((await ask({ subscribe: jobs[0], after: 1 }, 'again')).type, 'subscribed');

// A cancel over the socket, and what another client sees of it.
assert.equal((await ask({ cancel: jobs[0] }, 'cancel')).type, 'cancelling');
await until((each) => each.job_id === jobs[0] && each.type === 'cancelled');
const complete = await until((each) => each.job_id === jobs[0] && each.type === 'complete');
assert.equal(complete.result.status, 'cancelled');
assert.equal((await ask({ cancel: jobs[0] }, 'late')).code, 'already_finished');
assert.equal((await ask({ unsubscribe: jobs[1] }, 'leave')).type, 'unsubscribed');

// Too large to be skipped.
socket.send(JSON.stringify({ prompt: 'x'.repeat(9 * MIB) }));
assert.equal(await closed, 1009);

// Disconnecting has cancelled nothing.
const other = await connect();
for (const job of jobs.slice(1)) {
    const { status, cancel_requested: asked } = await (await fetch(`${base}/api/jobs/${job}`)).json();
    assert.ok(['queued', 'running'].includes(status), status);
    assert.equal(asked, false);
    assert.equal((await other.ask({ cancel: job }, job)).type, 'cancelling');
}
other.socket.close();

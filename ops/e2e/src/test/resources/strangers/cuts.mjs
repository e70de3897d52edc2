// Follows a job to its end and breaks off again and again on the way: node cuts.mjs CLIENT URL JOB CUTS SEED. Each time it
// comes back with the last seq it had. What it gathered must be the log of the job, event for event.
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { EventSource } from 'eventsource';
import { WebSocket as Ws } from 'ws';

const [client, base, job, cuts, seed] = process.argv.slice(2);
const BETWEEN_CUTS = 24;
const COME_BACK_MS = 100;
const TYPES = ['queued', 'started', 'stage_started', 'chunk', 'file', 'stage_completed', 'stage_reset', 'retrying',
    'succeeded', 'failed', 'cancelled'];
const TERMINAL = ['succeeded', 'failed', 'cancelled'];

// Each opens a stream behind `after`, tells of events and of its own loss, and returns how to break it off.
const OPEN = {
    native: socket(globalThis.WebSocket, (each) => each.close()),
    ws: socket(Ws, (each) => each.terminate()),
    eventsource(after, heard, lost) {
        const source = new EventSource(`${base}/api/jobs/${job}/events?after=${after}`);
        for (const type of TYPES) {
            source.addEventListener(type, ({ data }) => heard(data));
        }
        // It reconnects by itself, with the id of the last event, unless it was refused.
        source.onerror = () => lost(source.readyState === EventSource.CLOSED);
        return () => source.close();
    },
    curl(after, heard, lost) {
        const curl = spawn('curl', ['-sN', '-H', 'Accept: text/event-stream', '-H', `Last-Event-ID: ${after}`,
            `${base}/api/jobs/${job}/events`], { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        curl.stdout.setEncoding('utf8').on('data', (part) => {
            const blocks = (text + part).split('\n\n');
            text = blocks.pop();
            for (const data of blocks.flatMap((each) => each.match(/^data: ?([^\n]*)/m)?.[1] ?? [])) {
                heard(data);
            }
        });
        curl.on('close', () => lost(true));
        return () => curl.kill('SIGKILL');
    },
};

function socket(Client, breakOff) {
    return (after, heard, lost) => {
        const each = new Client(`${base.replace('http', 'ws')}/ws/stream`);
        each.onopen = () => each.send(JSON.stringify({ subscribe: job, after, accumulate: false }));
        each.onmessage = ({ data }) => {
            if ('seq' in JSON.parse(data)) {
                heard(data);
            }
        };
        // Node's own tells of a connection that was refused by an error alone.
        each.onerror = () => lost(true);
        each.onclose = () => lost(true);
        return () => breakOff(each);
    };
}

function random() {
    random.state = (random.state * 48271) % 2147483647;
    return random.state / 2147483647;
}
random.state = Number(seed);

const counts = { client, cuts: 0, lost: 0, passes: 0 };
let log = [];

// One connection: until the job's end, or as many events as the next cut is away.
function follow(events) {
    return new Promise((done) => {
        let left = events;
        let over = false;
        const finish = (how) => {
            if (!over) {
                over = true;
                breakOff();
                done(how);
            }
        };
        const breakOff = OPEN[client](log.length, (data) => {
            if (over) {
                return;
            }
            const event = JSON.parse(data);
            assert.equal(event.seq, log.length + 1, 'a gap or an event twice');
            log.push(data);
            left -= 1;
            if (TERMINAL.includes(event.type)) {
                finish('end');
            } else if (left === 0) {
                finish('cut');
            }
        }, (gone) => {
            counts.lost += over ? 0 : 1;
            if (gone) {
                finish('lost');
            }
        });
        if (left === 0) {
            setTimeout(() => finish('cut'), random() * 20);
        }
    });
}

async function stored() {
    const all = [];
    for (;;) {
        const { events, last_seq: last } = await (
            await fetch(`${base}/api/jobs/${job}/events?after=${all.length}&limit=1000`)).json();
        all.push(...events);
        if (all.length >= last) {
            return all;
        }
    }
}

while (counts.cuts < Number(cuts) || counts.passes === 0) {
    const how = await follow(counts.cuts < Number(cuts) ? Math.floor(random() * BETWEEN_CUTS) : Infinity);
    if (how === 'cut') {
        counts.cuts += 1;
    } else if (how === 'lost') {
        await new Promise((done) => {
            setTimeout(done, COME_BACK_MS);
        });
    } else {
        const rest = await stored();
        assert.deepEqual(log.map((each) => JSON.parse(each)), rest);
        assert.deepEqual(log, rest.map((each) => JSON.stringify(each)), 'the bytes differ');
        counts.passes += 1;
        counts.events = log.length;
        log = [];
    }
}
console.log(JSON.stringify(counts));
process.exit(0);

// OpenAI's library against an api whose worker plays the log that the input names.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [address, ...logs] = process.argv.slice(2);
const baseURL = `${address}/v1`;
const client = new OpenAI({ baseURL, apiKey: 'unused' });
const ENDED = ['completed', 'failed', 'incomplete', 'cancelled'];
const random = (below) => Math.floor(Math.random() * below);

async function all(stream, most = Infinity) {
    const events = [];
    for await (const event of stream) {
        events.push(event);
        if (events.length >= most) {
            break;
        }
    }
    return events;
}

async function ended(id) {
    for (;;) {
        const response = await client.responses.retrieve(id);
        if (ENDED.includes(response.status)) {
            return response;
        }
        await new Promise((done) => setTimeout(done, 100));
    }
}

const plain = (value) => JSON.parse(JSON.stringify(value));

// In the background, polled; then its stream from every kind of point.
const interpreter = [{ type: 'code_interpreter', container: { type: 'auto' } }];
for (const input of logs) {
    const long = input.startsWith('long');
    for (const tools of long ? [[]] : [[], interpreter]) {
        const created = await client.responses.create({
            model: 'atomic', input, tools, background: true, metadata: { log: input },
        });
        const last = await ended(created.id);
        const whole = await all(await client.responses.retrieve(created.id, { stream: true }));
        whole.forEach((event, index) => assert.equal(event.sequence_number, index));
        assert.deepEqual(plain(whole.at(-1).response.output), plain(last.output));
        const points = long ? 2 : tools.length > 0 ? 5 : 20;
        for (let again = 0; again < points; again++) {
            const seen = random(whole.length);
            const rest = await all(await client.responses.retrieve(
                created.id, { stream: true, starting_after: seen }));
            assert.deepEqual(rest, whole.slice(seen + 1), `${input} after ${seen}`);
        }
        const final = await client.responses.stream({ response_id: created.id }).finalResponse();
        assert.equal(final.status, last.status);
        assert.deepEqual(plain(final.output).map(({ id, type, status }) => [id, type, status]),
            plain(last.output).map(({ id, type, status }) => [id, type, status]));
        assert.equal(final.output_text, last.output_text);
        assert.equal((await client.responses.inputItems.list(created.id)).data.length, 1);
    }
    console.log(`${input}: the same from every point`);
}

// Live, broken at a random point and resumed.
for (let again = 0; again < 50; again++) {
    const first = await all(await client.responses.create(
        { model: 'atomic', input: 'repaired', stream: true }), 1 + random(30));
    const id = first[0].response.id;
    const rest = await all(await client.responses.retrieve(
        id, { stream: true, starting_after: first.at(-1).sequence_number }));
    const whole = await all(await client.responses.retrieve(id, { stream: true }));
    assert.deepEqual([...first, ...rest], whole);
}
console.log('50 streams broken and resumed');

// Live through the accumulator, and waited for.
const streamed = client.responses.stream({ model: 'atomic', input: 'repaired' });
assert.match((await streamed.finalResponse()).output_text, /Verified: 12 tests passed/);
const waited = await client.responses.create({ model: 'atomic', input: 'plain' });
assert.equal(waited.status, 'completed');
const failed = await client.responses.create({ model: 'atomic', input: 'failed' });
assert.equal(failed.status, 'failed');
assert.equal(failed.error.code, 'verification_failed');

// Cancelled, then deleted.
const waiting = await client.responses.create(
    { model: 'atomic', input: 'nobody plays this', background: true });
assert.equal((await client.responses.cancel(waiting.id)).status, 'cancelled');
await client.responses.delete(waiting.id);
await assert.rejects(client.responses.retrieve(waiting.id), OpenAI.NotFoundError);

// What isn't served is named.
await assert.rejects(
    client.responses.create({ model: 'atomic', input: 'x', tools: [{ type: 'web_search' }] }),
    (error) => error instanceof OpenAI.BadRequestError && error.param === 'tools[0].type');

// A library that tries again by itself makes one job.
let calls = 0;
const broken = new OpenAI({
    baseURL, apiKey: 'unused', fetch: async (url, init) => {
        const answer = await fetch(url, init);
        if (calls++ === 0) {
            await answer.arrayBuffer();
            throw new Error('the connection broke');
        }
        return answer;
    },
});
await broken.responses.create({ model: 'atomic', input: 'tried again', background: true });
assert.equal(calls, 2);
const { jobs } = await (await fetch(`${address}/api/jobs?limit=100`)).json();
assert.equal(jobs.filter((job) => job.prompt === 'tried again').length, 1);

// Chat completions.
const messages = [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'repaired' }];
const chat = client.chat.completions.stream(
    { model: 'atomic', messages, stream_options: { include_usage: true } });
const completion = await chat.finalChatCompletion();
assert.match(completion.choices[0].message.content, /Verified: 12 tests passed/);
assert.equal(completion.choices[0].finish_reason, 'stop');
const whole = await client.chat.completions.create({ model: 'atomic', messages });
assert.equal(whole.choices[0].message.content, completion.choices[0].message.content);
const bad = [{ role: 'user', content: 'failed' }];
await assert.rejects(client.chat.completions.create({ model: 'atomic', messages: bad }),
    (error) => error.status === 422 && error.code === 'verification_failed');
await assert.rejects(
    async () => all(await client.chat.completions.create(
        { model: 'atomic', messages: bad, stream: true })),
    OpenAI.APIError);
assert.equal((await all(await client.models.list()))[0].id, 'atomic');

console.log('all is as it should be');

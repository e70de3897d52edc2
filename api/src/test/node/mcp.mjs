// MCP's own client against an api whose worker plays the log that the prompt names.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [address, prompt] = process.argv.slice(2);

async function connect(mode) {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${address}/mcp`)));
    return client;
}

const call = (client, name, args, options) =>
    client.callTool({ name, arguments: args }, options);

async function jobs(asked) {
    const page = await (await fetch(`${address}/api/jobs?limit=100`)).json();
    return page.jobs.filter((job) => job.prompt === asked);
}

if (prompt) {
    // The one that is killed while it waits.
    await call(await connect('legacy'), 'generate_code', { prompt });
    process.exit(0);
}

for (const mode of ['legacy', 'auto']) {
    const client = await connect(mode);
    assert.equal(client.getNegotiatedProtocolVersion(),
        mode === 'auto' ? '2026-07-28' : '2025-11-25');
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name),
        ['run_code', 'generate_code', 'get_job', 'cancel_job', 'list_files', 'read_file']);
    assert.ok(tools.every((tool) => tool.inputSchema && tool.outputSchema));

    const steps = [];
    const made = await call(client, 'generate_code', { prompt: 'repaired' },
        { onprogress: (progress) => steps.push(progress) });
    assert.equal(made.isError, false);
    assert.equal(made.structuredContent.status, 'succeeded');
    assert.match(made.content[0].text, /job_id: /);
    assert.deepEqual(steps.map((step) => step.progress), steps.map((_, index) => index + 1));
    assert.ok(steps.some((step) => step.message === 'code, round 1'), JSON.stringify(steps));
    assert.ok(steps.some((step) => step.message === '3 of 12 tests failed'));

    const failed = await call(client, 'generate_code', { prompt: 'failed' });
    assert.equal(failed.isError, true);
    assert.match(failed.content[0].text, /^FAILED: verification_failed/);

    const id = made.structuredContent.job_id;
    const again = await call(client, 'get_job', { job_id: id, wait: 25 });
    assert.deepEqual(again.structuredContent, made.structuredContent);
    const listed = await call(client, 'list_files', { job_id: id });
    assert.deepEqual(listed.structuredContent.files.map((file) => file.path), ['main.py']);
    const read = await call(client, 'read_file', { job_id: id, path: 'main.py' });
    assert.equal(read.structuredContent.text, 'print(1)\n');
    assert.equal(read.structuredContent.next_offset, null);
    const missing = await call(client, 'read_file', { job_id: id, path: 'nowhere.py' });
    assert.match(missing.content[0].text, /^invalid_request: path names no file/);
    const unknown = await call(client, 'get_job', { job_id: 'x' });
    assert.match(unknown.content[0].text, /^not_found/);
    const wrong = await call(client, 'run_code', { language: 'python', code: 'x', spelt: 'wrong' });
    assert.match(wrong.content[0].text, /^invalid_request: spelt /);
    await assert.rejects(call(client, 'no_such_tool', {}));

    const job = await client.readResource({ uri: `atomic://jobs/${id}` });
    assert.equal(JSON.parse(job.contents[0].text).id, id);
    await assert.rejects(client.readResource({ uri: 'atomic://jobs/x' }));
    assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 2);
    await client.close();
    console.log(`${mode}: all tools`);
}

// A call that takes long answers with the job, which can be waited for and cancelled.
const client = await connect('legacy');
const began = Date.now();
const waiting = await call(client, 'generate_code', { prompt: 'nobody plays this' });
const seconds = (Date.now() - began) / 1000;
assert.ok(seconds > 24 && seconds < 29, `answered after ${seconds} s`);
assert.equal(waiting.structuredContent.finished, false);
assert.match(waiting.content[0].text, /Call get_job with job_id/);
const cancelled = await call(client, 'cancel_job', { job_id: waiting.structuredContent.job_id });
assert.equal(cancelled.structuredContent.status, 'cancelled');

// A client is killed while it waits: its job goes on, once, and is there when it comes back.
const killed = spawn(process.execPath, ['mcp.mjs', address, 'long'], { stdio: 'inherit' });
while ((await jobs('long')).length === 0) {
    await pause(20);
}
killed.kill('SIGKILL');
const [left] = await jobs('long');
const found = await call(client, 'get_job', { job_id: left.id, wait: 25 });
assert.equal(found.structuredContent.status, 'succeeded');
assert.equal((await jobs('long')).length, 1);

// Going away cancels only what asked for it.
const version = '2026-07-28';
const ours = 'io.modelcontextprotocol/';
const eras = {
    legacy: [{}, {}],
    modern: [
        { [`${ours}protocolVersion`]: version, [`${ours}clientCapabilities`]: {} },
        {
            'MCP-Protocol-Version': version, 'Mcp-Method': 'tools/call',
            'Mcp-Name': 'generate_code',
        }],
};
await Promise.all(Object.entries(eras).flatMap(([era, [_meta, headers]]) =>
    [['stays', false, 'queued'], ['goes', true, 'cancelled']].map(async ([what, cancels, status]) => {
        const asked = `${era} ${what}`;
        const gone = new AbortController();
        const body = {
            jsonrpc: '2.0', id: 1, method: 'tools/call', params: {
                name: 'generate_code', _meta,
                arguments: { prompt: asked, cancel_on_disconnect: cancels },
            },
        };
        fetch(`${address}/mcp`, {
            method: 'POST', signal: gone.signal, body: JSON.stringify(body),
            headers: {
                'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
                ...headers,
            },
        }).catch(() => {});
        while ((await jobs(asked)).length === 0) {
            await pause(20);
        }
        gone.abort();
        await pause(11_000);
        assert.equal((await jobs(asked))[0].status, status, asked);
    })));
await client.close();
console.log('all is as it should be');

// Libraries that others wrote against the whole stack: OpenAI's, its agents, its webhooks, and MCP's client.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Agent, run, setDefaultOpenAIClient, setTracingDisabled } from "@openai/agents";
import OpenAI from "openai";

const [address, port, webhookSecret] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: "unused", webhookSecret });
const ASKED = "Write a prime sieve";

// An agent of OpenAI's, whole and streamed: it doesn't know that its model is a job.
setTracingDisabled(true);
setDefaultOpenAIClient(client);
const agent = new Agent({ name: "coder", model: "atomic", instructions: "Keep it short." });
async function stream() {
    const streamed = await run(agent, ASKED, { stream: true });
    let text = "";
    for await (const event of streamed) {
        if (event.type === "raw_model_stream_event" && event.data.type === "output_text_delta") {
            text += event.data.delta;
        }
    }
    assert.equal(streamed.finalOutput, text);
    return text;
}
const [whole, streamed] = await Promise.all([run(agent, ASKED), stream()]);
assert.match(whole.finalOutput, /^Verified: /m);
// Two jobs: on a busy machine one's tests may not be judged in time, and the other's may.
const made = (text) => text.replace(/ \((judged from outside|as the tests themselves report)\)/, "");
assert.equal(made(streamed), made(whole.finalOutput));
console.log("agents: answered");

// The end of a response is an event that the library takes apart.
const receiver = createServer();
receiver.listen(Number(port), "127.0.0.1");
await once(receiver, "listening");
for (const [input, type] of [[ASKED, "response.completed"], ["zzz", "response.failed"]]) {
    const heard = once(receiver, "request");
    const response = await client.responses.create({
        model: "atomic", input, background: true, metadata: { webhook: `http://127.0.0.1:${port}/` },
    });
    const [request, answer] = await heard;
    let body = "";
    for await (const part of request) {
        body += part;
    }
    answer.writeHead(204).end();
    const event = await client.webhooks.unwrap(body, request.headers);
    assert.equal(event.type, type);
    assert.equal(event.data.id, response.id);
    await assert.rejects(async () => client.webhooks.unwrap(`${body} `, request.headers));
    const last = await client.responses.retrieve(event.data.id);
    assert.equal(`response.${last.status}`, type);
}
receiver.close();
await assert.rejects(
    client.responses.create({ model: "atomic", input: "x", metadata: { webhook: "https://10.0.0.1/" } }),
    (error) => error.status === 400 && error.param === "metadata.webhook");
console.log("webhooks: unwrapped");

// The sandbox and the pipeline as tools.
await Promise.all(["legacy", "auto"].map(async (mode) => {
    const mcp = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    await mcp.connect(new StreamableHTTPClientTransport(new URL(`${address}/mcp`)));
    const call = (name, args) => mcp.callTool({ name, arguments: args });
    const ran = await call("run_code", { language: "python", code: "print(6 * 7)" });
    assert.equal(ran.isError, false, ran.content[0].text);
    assert.equal(ran.structuredContent.verification.stdout, "42\n");
    const made = await call("generate_code", { prompt: ASKED });
    assert.equal(made.structuredContent.status, "succeeded");
    const [file] = made.structuredContent.files;
    const read = await call("read_file", { job_id: made.structuredContent.job_id, path: file.path });
    assert.ok(read.structuredContent.text.length > 0);
    await mcp.close();
    console.log(`mcp, ${mode}: ran, generated, read`);
}));

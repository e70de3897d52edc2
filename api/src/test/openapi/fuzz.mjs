// Asks the running api everything its document has, rightly and wrongly, and holds every answer to the document: its
// status, its type, its headers and its body. What it asks depends on the seed alone, but for the ids of jobs.
//
// `node fuzz.mjs`, with config.json beside it: {url, seed, keys: {admin, read, submit}}
import { readFileSync } from "node:fs";
import { Checks, faults, operations, whole } from "./document.mjs";
import { Random, seedOf } from "./random.mjs";
import { Values } from "./values.mjs";

const GOOD = 8;
const BAD = 24;
const AT_ONCE = 4;
const MOST_TOLD = 40;
const LARGE = "x".repeat(1_100_000);

const config = JSON.parse(readFileSync(new URL("config.json", import.meta.url)));
const problems = [];
let asked = 0;

const document = await (await fetch(config.url + "/v3/api-docs", { headers: { "X-API-Key": config.keys.admin } })).json();
const wrong = faults(document);
if (wrong) fail("the document isn't OpenAPI 3.1", wrong);
const requests = new Checks(document, false);
const answers = new Checks(document, true);

function fail(what, why) {
  problems.push(`${what}\n    ${String(why).slice(0, 1500)}`);
}

// A request, as it is sent.
//   good: whether the document allows it; null where only an answer that stands in the document is wanted
async function ask(operation, { path, query = {}, headers = {}, body, type = "application/json", key = config.keys.admin, method = operation.method, good = null }) {
  const url = new URL(config.url + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
  const sent = { ...headers };
  if (key) sent["X-API-Key"] = key;
  if (body !== undefined) sent["Content-Type"] = type;
  asked++;
  const what = `${method} ${url.pathname}${url.search} ${JSON.stringify(headers)} ${String(body ?? "").slice(0, 600)}`;
  try {
    const answer = await fetch(url, { method, headers: sent, body, redirect: "manual", signal: AbortSignal.timeout(120_000) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const told = method === operation.method ? check(operation, answer, bytes, what) : undefined;
    if (answer.status >= 500) fail(what, `answered ${answer.status} ${bytes}`);
    if (good === false && answer.status < 400) fail(what, `is refused by the document, but answered ${answer.status}`);
    return { status: answer.status, headers: answer.headers, bytes, json: told };
  } catch (e) {
    fail(what, `no answer: ${e.message} ${e.cause ?? ""}`);
    return { status: 0, headers: new Headers(), bytes: Buffer.alloc(0) };
  }
}

// Holds an answer to the document.
//   returns its JSON, if it is
function check(operation, answer, bytes, what) {
  const expected = operation.responses[answer.status];
  if (!expected) return void fail(what, `answered ${answer.status}, which isn't in the document: ${bytes}`);
  for (const [name, given] of Object.entries(expected.headers ?? {})) {
    const header = whole(document, given);
    const value = answer.headers.get(name);
    if (value === null) {
      if (header.required) fail(what, `answered ${answer.status} without ${name}`);
    } else {
      const error = answers.faults(header.schema, header.schema.type === "integer" ? Number(value) : value);
      if (error) fail(what, `answered ${answer.status} with ${name}: ${value}, but ${error}`);
    }
  }
  const type = answer.headers.get("content-type")?.split(";")[0];
  if (!expected.content) {
    if (bytes.length > 0) fail(what, `answered ${answer.status} with a body: ${bytes}`);
    return undefined;
  }
  const content = expected.content[type];
  if (!content) return void fail(what, `answered ${answer.status} as ${type}: ${bytes}`);
  if (type === "text/event-stream") return void checkStream(content, bytes, what);
  if (!type.endsWith("json")) return undefined;
  const json = JSON.parse(bytes);
  const error = answers.faults(content.schema, json);
  if (error) fail(what, `answered ${answer.status}, but ${error}: ${bytes}`);
  return json;
}

function checkStream(content, bytes, what) {
  for (const event of bytes.toString().split("\n\n")) {
    const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
    if (data === "" || data === "[DONE]") continue;
    const error = answers.faults(content["x-item-schema"], JSON.parse(data));
    if (error) fail(what, `streamed what the document doesn't have: ${error}: ${data}`);
  }
}

async function api(method, path, body, key = config.keys.admin) {
  const answer = await fetch(config.url + path, { method, headers: { "X-API-Key": key, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  return answer.status === 204 ? undefined : answer.json();
}

// Jobs that have ended each in its way.
class Jobs {
  #ended = [];

  async begin() {
    for (let i = 0; i < 24; i++) await this.fresh();
    this.#ended = (await api("GET", "/api/jobs?limit=100")).jobs;
    const states = new Set(this.#ended.map((job) => job.status));
    for (const state of ["succeeded", "failed", "cancelled"]) {
      if (!states.has(state)) throw new Error(`none of the jobs is ${state}`);
    }
  }

  // The id of a job of its own, for what ends it.
  async fresh() {
    const job = await api("POST", "/api/jobs", { prompt: "a job to be used up" });
    return (await api("GET", `/api/jobs/${job.id}?wait=60`)).id;
  }

  async forOperation(operation, random) {
    if (operation.path.startsWith("/api/keys")) {
      return (await api("POST", "/api/keys", { name: "to be revoked", scopes: ["read"] })).id;
    }
    const prefix = operation.path.startsWith("/v1/responses") ? "resp_" : "";
    if (operation.method === "DELETE" || operation.path.endsWith("cancel")) {
      return prefix + (random.chance(0.5) ? (await api("POST", "/api/jobs", { prompt: "x" })).id : await this.fresh());
    }
    if (operation.path.endsWith("retry")) return random.pick(this.#ended.filter((job) => job.status !== "succeeded")).id;
    return prefix + this.any(random);
  }

  any(random) {
    return random.pick(this.#ended).id;
  }
}

const jobs = new Jobs();
await jobs.begin();

// Everything that is asked of one operation.
class Asking {
  #operation;
  #random;
  #values;
  #content;

  constructor(operation) {
    this.#operation = operation;
    this.#random = new Random(seedOf(operation.name, config.seed));
    this.#values = new Values(document, this.#random);
    this.#content = operation.requestBody?.content["application/json"];
  }

  async run() {
    const done = [await this.#asExamples(), await this.#asSchema()].flat();
    const succeeded = done.filter((answer) => answer.status >= 200 && answer.status < 300).length;
    if (succeeded === 0 && !this.#operation.responses["426"]) fail(this.#operation.name, "no request was answered with 2xx");
    if (this.#content) await this.#wrongBodies();
    await this.#wrongParameters();
    await this.#wrongWays();
  }

  // In turn what each format wants, and what nobody says.
  async #asExamples() {
    const done = [];
    const examples = Object.entries(this.#content?.examples ?? { none: undefined });
    for (const [name, example] of examples) {
      for (const accept of [undefined, ...this.#formats()]) {
        const answer = await this.#ask({ body: example && JSON.stringify(example.value), headers: accept ? { Accept: accept } : {} });
        if (answer.status >= 400 && !this.#operation.responses["426"] && example && !["422"].includes(String(answer.status))) {
          fail(`${this.#operation.name}, example ${name}`, `answered ${answer.status} ${answer.bytes}`);
        }
        done.push(answer);
      }
    }
    return done;
  }

  #formats() {
    return Object.entries(this.#operation.responses).filter(([status]) => status < 300).flatMap(([, each]) => Object.keys(each.content ?? {}));
  }

  async #asSchema() {
    const done = [];
    for (let i = 0; i < GOOD; i++) {
      done.push(await this.#ask({ ...this.#parameters(), body: this.#body() }));
    }
    return done;
  }

  #body() {
    if (!this.#content) return undefined;
    const body = this.#values.make(this.#content.schema);
    const error = requests.faults(this.#content.schema, body);
    if (error) throw new Error(`made what doesn't fit: ${error} ${JSON.stringify(body)}`);
    return JSON.stringify(body);
  }

  #parameters() {
    const chosen = { query: {}, headers: {} };
    for (const parameter of this.#operation.parameters) {
      if (parameter.in === "path" || parameter.name === "ticket") continue;
      if (!parameter.required && !this.#random.chance(0.3)) continue;
      const value = this.#values.make(parameter.schema);
      if (parameter.in === "header") chosen.headers[parameter.name] = String(value).replaceAll(/[^ -~]/g, "?");
      else chosen.query[parameter.name] = value;
    }
    return chosen;
  }

  async #path() {
    let path = this.#operation.path;
    for (const parameter of this.#operation.parameters.filter((each) => each.in === "path")) {
      const isJob = parameter.name === "id" && !path.startsWith("/v1/models");
      const value = isJob ? await jobs.forOperation(this.#operation, this.#random) : this.#values.make(parameter.schema);
      path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    }
    return path;
  }

  async #ask(how) {
    const query = { ...how.query };
    for (const each of this.#operation.parameters.filter((parameter) => parameter.in === "query" && parameter.required)) {
      query[each.name] ??= each.name === "from" ? jobs.any(this.#random) : this.#values.make(each.schema);
    }
    return ask(this.#operation, { path: await this.#path(), ...how, query });
  }

  async #wrongBodies() {
    const schema = this.#content.schema;
    const bases = [...Object.values(this.#content.examples).map((each) => each.value), ...Array.from({ length: 4 }, () => this.#values.make(schema))];
    for (let i = 0; i < BAD; i++) {
      const body = this.#values.spoil(schema, this.#random.pick(bases));
      if (body === undefined) continue;
      const json = JSON.stringify(body);
      const good = requests.faults(schema, JSON.parse(json)) === "" ? null : false;
      await this.#ask({ body: json, good });
    }
    const example = JSON.stringify(bases[0]);
    for (const body of ["", "{", "[]", "null", "5", '"x"', example + "x", '{"a":1,"a":2}', "[".repeat(2000), `{"${LARGE}":1}`, Buffer.from([0x7b, 0xff, 0x7d])]) {
      await this.#ask({ body, good: false });
    }
    for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense", "application/json; charset=utf-16"]) {
      await this.#ask({ body: example, type, good: type.startsWith("application/json") ? null : false });
    }
    await this.#ask({ body: example, headers: { "Content-Encoding": "gzip" }, good: false });
  }

  async #wrongParameters() {
    const query = Object.fromEntries(this.#operation.parameters.filter((each) => each.in === "query").map((each) => [each.name, each]));
    const body = this.#content && JSON.stringify(Object.values(this.#content.examples)[0].value);
    for (const each of this.#operation.parameters.filter((parameter) => parameter.in !== "path" && parameter.name !== "ticket")) {
      for (const value of ["", "-1", "nope", "1.5", "99999999999999999999", "x".repeat(300), "%00", "true"]) {
        const given = each.schema.type === "integer" && /^-?[0-9]+$/.test(value) ? Number(value) : value;
        const good = each.in === "query" && requests.faults(this.#values.resolve(each.schema), each.schema.type === "boolean" ? value === "true" || value : given) !== "" ? false : null;
        await this.#ask(each.in === "header" ? { body, headers: { [each.name]: value } } : { body, query: { [each.name]: value }, good: each.in === "header" ? null : good });
      }
    }
    await this.#ask({ body, query: { unknown: "1", ...Object.fromEntries(Object.keys(query).map((name) => [name, "nope"])) } });
    if (this.#operation.path.includes("{")) {
      for (const id of ["x", "01a20267-b583-775e-8b11-6f242b9c4c6a", "resp_x", "é", "a%00b", "%2F"]) {
        const first = this.#operation.parameters.find((each) => each.in === "path");
        const path = this.#operation.path.replace(`{${first.name}}`, id).replace("{path}", "x");
        await this.#ask({ path, body, query: this.#operation.path.endsWith("diff") ? { from: "round:0" } : {} });
      }
    }
  }

  async #wrongWays() {
    const body = this.#content && JSON.stringify(Object.values(this.#content.examples)[0].value);
    for (const method of ["PUT", "PATCH", "POST", "DELETE"].filter((each) => !this.#operation.methods.includes(each))) {
      const answer = await this.#ask({ method });
      const { content } = document.components.responses.MethodNotAllowed;
      const problem = content[answer.headers.get("content-type")?.split(";")[0]];
      const isOpenAi = this.#operation.path.startsWith("/v1/");
      if (answer.status !== 405 || !answer.headers.get("allow")) fail(`${method} ${this.#operation.path}`, `answered ${answer.status} ${answer.bytes}`);
      else if (!isOpenAi && answers.faults(problem?.schema ?? false, JSON.parse(answer.bytes))) fail(`${method} ${this.#operation.path}`, `answered ${answer.bytes}`);
    }
    for (const accept of ["image/png", "nonsense", "text/html;q=0.5", "application/json, text/event-stream"]) {
      await this.#ask({ body, headers: { Accept: accept } });
    }
    const foreign = await this.#ask({ body, headers: { Origin: "http://evil.example" } });
    if (foreign.status !== 403) fail(this.#operation.name, `answered a foreign page with ${foreign.status}`);
    if (this.#operation.security.length === 0) return;
    for (const key of ["", "nonsense", config.keys.admin + "x"]) {
      const answer = await this.#ask({ body, key });
      if (answer.status !== 401) fail(this.#operation.name, `answered ${answer.status} to the key "${key}"`);
    }
    for (const scope of ["read", "submit"].filter((each) => !this.#operation["x-one-of-scopes"].includes(each))) {
      const answer = await this.#ask({ body, key: config.keys[scope] });
      if (answer.status !== 403) fail(this.#operation.name, `answered ${answer.status} to a key for ${scope}`);
    }
  }
}

const waiting = operations(document);
const count = waiting.length;
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let operation = waiting.shift(); operation; operation = waiting.shift()) {
    const started = Date.now();
    await new Asking(operation).run().catch((e) => fail(operation.name, e.stack));
    console.log(`${operation.name}: ${Date.now() - started} ms`);
  }
}));
console.log(`${asked} requests to ${count} operations, seed ${config.seed}: ${problems.length} problems`);
for (const problem of problems.slice(0, MOST_TOLD)) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

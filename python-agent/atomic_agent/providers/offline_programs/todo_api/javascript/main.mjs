// A REST API for todos, on node:http alone.

import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const MAX_TITLE = 200;
const MAX_BODY_BYTES = 64 * 1024;

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class TodoStore {
  #todos = new Map();
  #lastId = 0;

  add({ title, done = false }) {
    const todo = { id: ++this.#lastId, title, done };
    this.#todos.set(todo.id, todo);
    return todo;
  }

  get(id) {
    if (!this.#todos.has(id)) throw new Refusal(404, `there is no todo ${id}`);
    return this.#todos.get(id);
  }

  all(done) {
    return [...this.#todos.values()].filter((todo) => done === undefined || todo.done === done);
  }

  change(id, changes) {
    const todo = { ...this.get(id), ...changes };
    this.#todos.set(id, todo);
    return todo;
  }

  remove(id) {
    this.get(id);
    this.#todos.delete(id);
  }
}

/** The fields of a request body, checked; throws a Refusal. */
export function validFields(body, titleNeeded) {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new Refusal(400, 'a JSON object is needed');
  }
  const unknown = Object.keys(body).find((name) => !['title', 'done'].includes(name));
  if (unknown !== undefined) throw new Refusal(400, `unknown field: ${unknown}`);
  const fields = { ...body };
  if (titleNeeded && !('title' in fields)) throw new Refusal(400, 'title is needed');
  if ('title' in fields) {
    if (typeof fields.title !== 'string') throw new Refusal(400, 'title must be text');
    fields.title = fields.title.trim();
    if (fields.title.length < 1 || fields.title.length > MAX_TITLE) {
      throw new Refusal(400, `title must have 1 to ${MAX_TITLE} characters`);
    }
  }
  if ('done' in fields && typeof fields.done !== 'boolean') {
    throw new Refusal(400, 'done must be true or false');
  }
  return fields;
}

async function readJson(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 'the body is too long');
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

function wantedDone(parameters) {
  const done = parameters.get('done');
  if (done === null) return undefined;
  if (done !== 'true' && done !== 'false') throw new Refusal(400, 'done must be true or false');
  return done === 'true';
}

async function answer(request, store) {
  const url = new URL(request.url, 'http://localhost');
  const route = `${request.method} ${url.pathname.replace(/\/\d+$/, '/:id')}`;
  const id = Number(url.pathname.split('/').pop());
  switch (route) {
    case 'GET /':
      return [200, { service: 'todos', count: store.all().length }];
    case 'GET /todos':
      return [200, { todos: store.all(wantedDone(url.searchParams)) }];
    case 'POST /todos': {
      const todo = store.add(validFields(await readJson(request), true));
      return [201, todo, { Location: `/todos/${todo.id}` }];
    }
    case 'GET /todos/:id':
      return [200, store.get(id)];
    case 'PATCH /todos/:id':
      return [200, store.change(id, validFields(await readJson(request), false))];
    case 'DELETE /todos/:id':
      store.remove(id);
      return [204, null];
    default:
      throw new Refusal(404, 'there is nothing here');
  }
}

export function createApp(store = new TodoStore()) {
  return createServer(async (request, response) => {
    let [status, body, headers] = [500, { error: 'the service failed' }, {}];
    try {
      [status, body, headers = {}] = await answer(request, store);
    } catch (problem) {
      if (problem instanceof Refusal) [status, body] = [problem.status, { error: problem.message }];
    }
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(body === null ? undefined : JSON.stringify(body));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const port = Number(process.env.PORT ?? 8000);
  createApp().listen(port, '127.0.0.1', () => console.log(`todos on http://127.0.0.1:${port}`));
}

import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';

import { TodoStore, createApp, validFields } from './main.mjs';

let store;
let server;

function call(method, path, body, raw) {
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const { port } = server.address();
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, agent: false }, (answer) => {
      let received = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => { received += part; });
      answer.on('end', () => resolve({
        status: answer.statusCode,
        headers: answer.headers,
        body: received ? JSON.parse(received) : null,
      }));
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

describe('the todo service', () => {
  before(async () => {
    // One server for all tests; each test gets a store of its own behind it.
    const proxy = { add: (f) => store.add(f), get: (i) => store.get(i), all: (d) => store.all(d),
      change: (i, c) => store.change(i, c), remove: (i) => store.remove(i) };
    server = createApp(proxy);
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  });
  after(() => server.close());
  beforeEach(() => { store = new TodoStore(); });

  test('a new todo is answered with its place', async () => {
    const answer = await call('POST', '/todos', { title: '  buy milk ' });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, '/todos/1');
    assert.deepEqual(answer.body, { id: 1, title: 'buy milk', done: false });
  });

  test('todos are listed in order and can be filtered', async () => {
    for (const title of ['one', 'two']) await call('POST', '/todos', { title });
    await call('POST', '/todos', { title: 'three', done: true });
    const titles = (answer) => answer.body.todos.map((todo) => todo.title);
    assert.deepEqual(titles(await call('GET', '/todos')), ['one', 'two', 'three']);
    assert.deepEqual(titles(await call('GET', '/todos?done=false')), ['one', 'two']);
    assert.equal((await call('GET', '/todos?done=maybe')).status, 400);
  });

  test('a todo can be changed and deleted, and its id is not used again', async () => {
    await call('POST', '/todos', { title: 'x' });
    assert.equal((await call('PATCH', '/todos/1', { done: true })).body.done, true);
    assert.equal((await call('DELETE', '/todos/1')).status, 204);
    assert.equal((await call('GET', '/todos/1')).status, 404);
    assert.equal((await call('POST', '/todos', { title: 'y' })).body.id, 2);
  });

  test('wrong bodies are refused and change nothing', async () => {
    const wrong = [null, [], 'text', {}, { title: '' }, { title: 5 }, { title: 'x'.repeat(201) },
      { title: 'x', done: 'yes' }, { title: 'x', colour: 'red' }];
    for (const body of wrong) {
      const answer = await call('POST', '/todos', body);
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.ok(answer.body.error);
    }
    assert.equal((await call('POST', '/todos', undefined, '{')).status, 400);
    assert.equal((await call('GET', '/')).body.count, 0);
  });

  test('what is not there is not found', async () => {
    for (const [method, path] of [['GET', '/todos/7'], ['DELETE', '/todos/7'], ['GET', '/no']]) {
      assert.equal((await call(method, path)).status, 404);
    }
  });
});

test('a title is trimmed before it is measured', () => {
  assert.deepEqual(validFields({ title: ` ${'x'.repeat(200)} ` }, true), { title: 'x'.repeat(200) });
});

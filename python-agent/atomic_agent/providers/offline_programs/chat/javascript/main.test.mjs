import assert from 'node:assert/strict';
import { get, request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { HISTORY, Refused, Rooms, createChat } from './main.mjs';

function recorder() {
  const events = [];
  const deliver = (event) => events.push(event);
  return { events, deliver };
}

test('everybody in the room gets a message, its author too, and no other room does', () => {
  const rooms = new Rooms(() => 12);
  const [ada, bob, eve] = [recorder(), recorder(), recorder()];
  rooms.join('garden', 'ada', ada.deliver);
  rooms.join('garden', 'bob', bob.deliver);
  rooms.join('kitchen', 'eve', eve.deliver);
  rooms.say('garden', 'ada', ' hello ');
  const expected = { type: 'message', name: 'ada', text: 'hello', at: 12 };
  assert.deepEqual(ada.events.at(-1), expected);
  assert.deepEqual(bob.events.at(-1), expected);
  assert.equal(eve.events.at(-1).type, 'joined');
});

test('who comes later gets the last messages first', () => {
  const rooms = new Rooms();
  rooms.join('r', 'ada', () => {});
  for (let number = 0; number < HISTORY + 5; number += 1) rooms.say('r', 'ada', `m${number}`);
  const bob = recorder();
  rooms.join('r', 'bob', bob.deliver);
  assert.equal(bob.events[0].messages.length, HISTORY);
  assert.equal(bob.events[0].messages[0].text, 'm5');
  assert.deepEqual(bob.events[1].members, ['ada', 'bob']);
});

test('a name is taken once, and free again after leaving', () => {
  const rooms = new Rooms();
  const ada = rooms.join('r', 'ada', () => {});
  const bob = recorder();
  rooms.join('r', 'bob', bob.deliver);
  assert.throws(() => rooms.join('r', ' ada ', () => {}), Refused);
  rooms.leave(ada);
  assert.deepEqual(bob.events.at(-1), { type: 'left', name: 'ada', members: ['bob'] });
  assert.throws(() => rooms.say('r', 'ada', 'ghost'), Refused);
  rooms.join('r', 'ada', () => {});
});

test('a room is forgotten with its last member', () => {
  const rooms = new Rooms();
  const ada = rooms.join('r', 'ada', () => {});
  rooms.leave(ada);
  rooms.leave(ada);
  assert.equal(rooms.size, 0);
});

test('wrong names and messages are refused', () => {
  const rooms = new Rooms();
  for (const name of ['', '  ', 'x'.repeat(31), undefined]) {
    assert.throws(() => rooms.join('r', name, () => {}), Refused);
  }
  rooms.join('r', 'ada', () => {});
  for (const text of ['', '  ', 'x'.repeat(2001), null, 5]) {
    assert.throws(() => rooms.say('r', 'ada', text), Refused);
  }
});

describe('the server', () => {
  let server;
  const open = [];

  before(async () => {
    server = createChat({ page: '<title>Chat</title>' });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  });
  after(() => {
    open.forEach((request) => request.destroy());
    server.close();
  });

  const at = (path) => ({ host: '127.0.0.1', port: server.address().port, path, agent: false });

  /** Joins over HTTP; `next(type)` waits for the next event of a type. */
  function join(name) {
    return new Promise((resolve, reject) => {
      const request = get(at(`/events?room=r&name=${name}`), (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          resolve({ status: response.statusCode });
          return;
        }
        const waiting = [];
        const events = [];
        let text = '';
        const settle = () => {
          for (const wait of [...waiting]) {
            const found = events.findIndex((event) => event.type === wait.type);
            if (found >= 0) {
              waiting.splice(waiting.indexOf(wait), 1);
              wait.resolve(events.splice(0, found + 1).at(-1));
            }
          }
        };
        response.setEncoding('utf8');
        response.on('error', () => {});
        response.on('data', (part) => {
          text += part;
          const parts = text.split('\n\n');
          text = parts.pop();
          parts.forEach((one) => events.push(JSON.parse(one.slice('data: '.length))));
          settle();
        });
        const next = (type) => new Promise((done) => {
          waiting.push({ type, resolve: done });
          settle();
        });
        resolve({ status: 200, next, close: () => request.destroy() });
      });
      request.on('error', reject);
      open.push(request);
    });
  }

  function post(body) {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ ...at('/messages'), method: 'POST' }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      });
      request.on('error', reject);
      request.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  test('two people talk, and leaving is seen', async () => {
    const ada = await join('ada');
    const bob = await join('bob');
    assert.equal(await post({ room: 'r', name: 'ada', text: 'hello, größer 🙂' }), 201);
    assert.equal((await bob.next('message')).text, 'hello, größer 🙂');
    assert.equal((await ada.next('message')).name, 'ada');
    assert.equal((await join('ada')).status, 400);
    bob.close();
    assert.deepEqual((await ada.next('left')).members, ['ada']);
  });

  test('messages from outside the room and nonsense are refused', async () => {
    for (const body of ['{', 'null', [], { room: 'r', name: 'nobody', text: 'x' }]) {
      assert.equal(await post(body), 400);
    }
  });
});

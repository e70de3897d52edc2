// A real-time chat: rooms pushed with server-sent events, messages by POST, on node:http alone.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

export const HISTORY = 50;
const MAX_NAME = 30;
const MAX_TEXT = 2000;
const MAX_BODY_BYTES = 16 * 1024;
const MAX_WAITING_BYTES = 256 * 1024;

export class Refused extends Error {}

/** Rooms by name; one comes with its first member and goes with its last. */
export class Rooms {
  #rooms = new Map();
  #clock;

  constructor(clock = Date.now) {
    this.#clock = clock;
  }

  get size() {
    return this.#rooms.size;
  }

  /** Joins a room; `deliver` gets every event from then on. Returns what `leave` takes. */
  join(roomName, givenName, deliver) {
    const name = (givenName ?? '').trim();
    if (name.length < 1 || name.length > MAX_NAME) {
      throw new Refused(`a name has 1 to ${MAX_NAME} characters`);
    }
    const room = this.#rooms.get(roomName) ?? { members: new Set(), history: [] };
    if (find(room, name)) throw new Refused(`${name} is here already`);
    const member = { name, roomName, deliver };
    room.members.add(member);
    this.#rooms.set(roomName, room);
    deliver({ type: 'history', messages: [...room.history] });
    broadcast(room, { type: 'joined', name, members: names(room) });
    return member;
  }

  /** Sends a text of someone who is in the room to everybody there. */
  say(roomName, name, text) {
    const room = this.#rooms.get(roomName);
    if (!room || !find(room, name)) throw new Refused('join the room first');
    if (typeof text !== 'string' || text.trim().length < 1 || text.trim().length > MAX_TEXT) {
      throw new Refused(`a message has 1 to ${MAX_TEXT} characters`);
    }
    const event = { type: 'message', name, text: text.trim(), at: this.#clock() };
    room.history.push(event);
    if (room.history.length > HISTORY) room.history.shift();
    broadcast(room, event);
    return event;
  }

  leave(member) {
    const room = this.#rooms.get(member.roomName);
    if (!room?.members.has(member)) return;
    room.members.delete(member);
    if (room.members.size === 0) this.#rooms.delete(member.roomName);
    else broadcast(room, { type: 'left', name: member.name, members: names(room) });
  }
}

const names = (room) => [...room.members].map((member) => member.name).sort();
const find = (room, name) => [...room.members].find((member) => member.name === name);
const broadcast = (room, event) => [...room.members].forEach((member) => member.deliver(event));

async function readJson(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new Refused('the message is too long');
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) ?? {};
  } catch {
    throw new Refused('the message is not JSON');
  }
}

function answer(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

function openEvents(rooms, url, response) {
  const parameters = url.searchParams;
  const deliver = (event) => {
    // Whoever has stopped reading is hung up on rather than kept in memory.
    if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
    else response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  const begin = (event) => {
    if (!response.headersSent) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    }
    deliver(event);
  };
  const member = rooms.join(parameters.get('room') ?? 'lobby', parameters.get('name'), begin);
  response.on('close', () => rooms.leave(member));
}

async function route(rooms, page, request, response) {
  const url = new URL(request.url, 'http://localhost');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /':
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      return response.end(page);
    case 'GET /events':
      return openEvents(rooms, url, response);
    case 'POST /messages': {
      const { room = 'lobby', name, text } = await readJson(request);
      return answer(response, 201, rooms.say(room, name, text));
    }
    default:
      return answer(response, 404, { error: 'there is nothing here' });
  }
}

export function createChat({ rooms = new Rooms(), page = '' } = {}) {
  return createServer((request, response) => {
    route(rooms, page, request, response).catch((problem) => {
      const refused = problem instanceof Refused;
      answer(response, refused ? 400 : 500, { error: refused ? problem.message : 'it failed' });
    });
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const page = await readFile(new URL('./page.html', import.meta.url));
  const port = Number(process.env.PORT ?? 8000);
  createChat({ page }).listen(port, '127.0.0.1', () => {
    console.log(`chat on http://127.0.0.1:${port}`);
  });
}

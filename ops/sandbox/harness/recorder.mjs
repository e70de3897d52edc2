// Reports on the runner's report channel (descriptor 3, see PROTOCOL.md) what node's own test runner says of one file.
//
// Loaded twice, and both times the same module: with --import before any tested code, when it puts what tests go by out
// of that code's reach as far as that costs little, and by node as a --test-reporter once the first test is declared.
// A file that declares no test loads no reporter; a process that is ended in the middle sends no "finished".
import assert from 'node:assert';
import { AsyncResource } from 'node:async_hooks';
import fs from 'node:fs';
import inspector from 'node:inspector';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { isMainThread } from 'node:worker_threads';

const CHANNEL = 3;
const MAX_ID_LENGTH = 200;
const write = fs.writeSync;

// Neither a worker nor a program that a test starts with this one's options is the session: they report nothing.
const isSession = isMainThread && process.ppid === 1;
const file = isSession ? path.resolve(process.argv[1]) : '';
// Only what a test's own file asks for waives a test of it.
const waives = isSession && /skip|todo/i.test(fs.readFileSync(file, 'utf8'));

function freeze(object) {
  Object.freeze(object);
  for (const each of Object.values(object)) {
    if (typeof each === 'function' && !Object.isFrozen(each)) {
      Object.freeze(each);
      if (each.prototype) Object.freeze(each.prototype);
    }
  }
}
freeze(assert);
freeze(assert.strict);
freeze(test);
for (const name of ['binding', '_linkedBinding', 'reallyExit', 'dlopen', '_debugProcess', '_debugEnd']) {
  Object.defineProperty(process, name, { value: undefined, writable: false, configurable: false });
}
for (const name of Object.keys(inspector)) {
  Object.defineProperty(inspector, name, { value: undefined, writable: false, configurable: false });
}
syncBuiltinESMExports();
process.on('SIGUSR1', () => {}); // node would open its inspector

const outside = new AsyncResource('recorder'); // a place that node doesn't take for one of its tests

let sent = 0;
let reporters = 0;
let over = false; // the stream of events has ended
let idle = false; // nothing was left to do: the process wasn't made to exit

function report(line) {
  write(CHANNEL, line);
}

function label(name) {
  let text = '';
  for (let i = 0; i < name.length && i < MAX_ID_LENGTH; i += 1) {
    const c = name[i];
    text += c >= ' ' && c !== '\u007f' ? c : '?';
  }
  return text;
}

function result(kind, name) {
  sent += 1;
  report(`${kind} ${label(`${name}`)}`);
}

function isAsked(value) {
  return value !== undefined && value !== false;
}

if (isSession) {
  process.on('beforeExit', () => {
    idle = true;
  });
  process.on('exit', (code) => {
    if (reporters > 1 || !(over || (reporters === 0 && idle))) return;
    report(`collected ${sent}`);
    report(`finished ${code} ${sent}`);
  });
}

async function* record(source) {
  for await (const { type, data } of source) {
    const suite = data.details?.type === 'suite';
    const waived = isAsked(data.skip) || isAsked(data.todo);
    if (type === 'test:fail' || (type === 'test:pass' && (!suite || waived))) {
      if (waived) {
        // A failing test marked "todo" isn't held against the file, by node neither.
        const own = waives && data.file === file;
        if (!own) process.exitCode = 1;
        result(own ? 'skipped' : 'left_out', data.name);
      } else {
        result(type === 'test:fail' ? 'failed' : 'passed', data.name);
      }
    }
  }
  over = true;
}

// Called before the first test begins, however it was declared.
export default (source) => {
  reporters += 1;
  // What a test is handed has one prototype, which can be had from a test alone.
  outside.runInAsyncScope(() => {
    test.beforeEach((context) => {
      freeze(Object.getPrototypeOf(context));
    });
  });
  return record(source);
};

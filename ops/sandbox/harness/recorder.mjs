// Reports on the runner's report channel (descriptor 3, see PROTOCOL.md) what node's own test runner says of one file.
//
// Loaded twice, and both times the same module: with --import before any tested code, when it puts what tests go by out
// of that code's reach as far as that costs little, and by node as a --test-reporter once the first test is declared.
// A file that declares no test loads no reporter; a process that is ended in the middle sends no "finished".
import assert from 'node:assert';
import fs from 'node:fs';
import test from 'node:test';

const CHANNEL = 3;
const MAX_ID_LENGTH = 200;
const write = fs.writeSync;

for (const each of [assert, assert.strict, assert.AssertionError, assert.AssertionError.prototype, test]) {
  Object.freeze(each);
}
for (const name of ['binding', '_linkedBinding', 'reallyExit', 'dlopen']) {
  Object.defineProperty(process, name, { value: undefined, writable: false, configurable: false });
}

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

process.on('beforeExit', () => {
  idle = true;
});

process.on('exit', (code) => {
  if (reporters > 1 || !(over || (reporters === 0 && idle))) return;
  report(`collected ${sent}`);
  report(`finished ${code} ${sent}`);
});

export default async function* record(source) {
  reporters += 1;
  for await (const { type, data } of source) {
    const suite = data.details?.type === 'suite';
    if (type === 'test:fail') {
      // A failing test marked "todo" isn't held against the file, by node neither.
      result(data.todo !== undefined && data.todo !== false ? 'skipped' : 'failed', data.name);
    } else if (type === 'test:pass' && !suite) {
      const counts = data.skip === undefined && data.todo === undefined;
      result(counts ? 'passed' : 'skipped', data.name);
    }
  }
  over = true;
}

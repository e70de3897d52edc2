// What the caller asks of every program here; each is wrong, and none may be called right.
const test = require('node:test');
const assert = require('node:assert');
const { answer } = require('./main.js');

test('answer', () => assert.strictEqual(answer(), 42));
test('twice', () => assert.strictEqual(answer(2), 84));

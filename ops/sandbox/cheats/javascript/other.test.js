// A second file of the caller's: what happened while the first ran has no say in it.
const { answer } = require('./main.js');
const test = require('node:test');
const assert = require('node:assert');

test('more', async (t) => {
  await t.test('thrice', () => assert.strictEqual(answer(3), 126));
});

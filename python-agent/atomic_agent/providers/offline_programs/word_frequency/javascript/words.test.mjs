import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { WordCounter, wordsOf } from './words.mjs';

const COMMAND = fileURLToPath(new URL('./main.mjs', import.meta.url));

test('words are found in any language', () => {
  const cases = [
    ['The cat, the CAT!', ['the', 'cat', 'the', 'cat']],
    ["don't don\u2019t", ["don't", "don't"]],
    ['well-known -- dash- -x', ['well-known', 'dash', 'x']],
    ['caf\u00e9 cafe\u0301', ['caf\u00e9', 'caf\u00e9']],
    ['42 h2o 3rd', ['h2o', '3rd']],
    ['snake_case', ['snake', 'case']],
    ['Привет, мир 日本語', ['привет', 'мир', '日本語']],
    ['... !?', []],
  ];
  for (const [text, words] of cases) assert.deepEqual(wordsOf(text), words, text);
});

test('the most frequent come first and equals by the alphabet', () => {
  const counter = new WordCounter();
  counter.add('b b a a c');
  counter.add('C c c');
  assert.deepEqual(counter.mostFrequent(2), [['c', 4], ['a', 2]]);
  assert.deepEqual([counter.total, counter.different], [8, 3]);
});

test('short and ignored words are left out', () => {
  const counter = new WordCounter({ minLength: 4, ignore: ['MOUSE'] });
  counter.add('The cat saw the mouse twice');
  assert.deepEqual(counter.mostFrequent(5), [['twice', 1]]);
});

test('words that are names of object properties are counted like others', () => {
  const counter = new WordCounter();
  counter.add('constructor constructor __proto__');
  assert.deepEqual(counter.mostFrequent(1), [['constructor', 2]]);
});

test('the command reads standard input and names a missing file', () => {
  const run = (args, input) => spawnSync(process.execPath, [COMMAND, ...args], { input, encoding: 'utf8' });
  const done = run(['--top', '1'], 'one two\r\ntwo');
  assert.equal(done.stdout, '     2  two\n3 words, 2 different\n');
  assert.equal(done.status, 0);
  const failed = run(['missing.txt'], '');
  assert.equal(failed.status, 2);
  assert.match(failed.stderr, /missing\.txt/);
});

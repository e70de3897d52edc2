import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PatchError, apply, diff, equal } from './jsonpatch.mjs';

test('a difference is written as a patch', () => {
  const cases = [
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [{ a: 1 }, { a: 2 }, [{ op: 'replace', path: '/a', value: 2 }]],
    [{ a: 1 }, {}, [{ op: 'remove', path: '/a' }]],
    [{}, { a: null }, [{ op: 'add', path: '/a', value: null }]],
    [[1, 2, 3], [1, 9], [{ op: 'replace', path: '/1', value: 9 }, { op: 'remove', path: '/2' }]],
    [[1], [1, 2, 3], [{ op: 'add', path: '/1', value: 2 }, { op: 'add', path: '/2', value: 3 }]],
    [{ 'a/b': 1, 'm~n': 1 }, { 'a/b': 2, 'm~n': 1 }, [{ op: 'replace', path: '/a~1b', value: 2 }]],
    [[], {}, [{ op: 'replace', path: '', value: {} }]],
    [1, true, [{ op: 'replace', path: '', value: true }]],
  ];
  for (const [before, after, patch] of cases) {
    assert.deepEqual(diff(before, after), patch);
    assert.deepEqual(apply(before, patch), after);
  }
});

/** Numbers from 0 to below 1, the same ones each time. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function anyValue(random, depth = 0) {
  const pick = (values) => values[Math.floor(random() * values.length)];
  const kind = Math.floor(random() * (depth < 4 ? 7 : 5));
  if (kind < 5) return [null, random() < 0.5, Math.floor(random() * 5), 1.5, pick('ab~/')][kind];
  const size = Math.floor(random() * 5);
  if (kind === 5) return Array.from({ length: size }, () => anyValue(random, depth + 1));
  const keys = Array.from({ length: size }, () => pick(['a', 'b', '', '~', 'a/b', '0', '~1']));
  return Object.fromEntries(keys.map((key) => [key, anyValue(random, depth + 1)]));
}

test('the patch of any two documents makes one of the other', () => {
  const random = randomNumbers(11);
  for (let round = 0; round < 1500; round += 1) {
    const [before, after] = [anyValue(random), anyValue(random)];
    const kept = structuredClone(before);
    assert.ok(equal(apply(before, diff(before, after)), after));
    assert.deepEqual(before, kept);
  }
});

test('every operation can be applied', () => {
  const cases = [
    [{ a: [1, 2] }, { op: 'add', path: '/a/1', value: 9 }, { a: [1, 9, 2] }],
    [{ a: [1] }, { op: 'add', path: '/a/-', value: 2 }, { a: [1, 2] }],
    [{ a: 1 }, { op: 'copy', from: '/a', path: '/b' }, { a: 1, b: 1 }],
    [{ a: { x: 1 } }, { op: 'move', from: '/a/x', path: '/y' }, { a: {}, y: 1 }],
    [{ a: 1 }, { op: 'test', path: '/a', value: 1 }, { a: 1 }],
  ];
  for (const [document, operation, result] of cases) {
    assert.deepEqual(apply(document, [operation]), result);
  }
});

test('what can not be applied is refused and changes nothing', () => {
  const operations = [
    { op: 'remove', path: '/x' }, { op: 'add', path: '/list/9', value: 1 },
    { op: 'add', path: '/list/01', value: 1 }, { op: 'add', path: '/a/b', value: 1 },
    { op: 'test', path: '/a', value: true }, { op: 'move', from: '/list', path: '/list/0' },
    { op: 'remove', path: '' }, { op: 'remove', path: 'a' }, { op: 'dance', path: '/a' },
    { op: 'add', path: '/b' }, { op: 'remove', path: '/constructor' }, 5,
  ];
  for (const operation of operations) {
    const document = { a: 1, list: [1] };
    const patch = [{ op: 'add', path: '/new', value: 1 }, operation];
    assert.throws(() => apply(document, patch), (problem) => {
      assert.ok(problem instanceof PatchError);
      assert.match(problem.message, /^operation 2/);
      return true;
    });
    assert.deepEqual(document, { a: 1, list: [1] });
  }
});

test('a patch can not reach the prototype of objects', () => {
  const patched = apply({}, [{ op: 'add', path: '/__proto__', value: { harmful: true } }]);
  assert.equal({}.harmful, undefined);
  assert.deepEqual(Object.keys(patched), ['__proto__']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LruCache } from './main.mjs';

test('what was used longest ago goes first', () => {
  const cache = new LruCache(2);
  cache.put('a', 1);
  cache.put('b', 2);
  assert.equal(cache.get('a'), 1);
  cache.put('c', 3);
  assert.deepEqual(cache.keys(), ['a', 'c']);
  assert.equal(cache.get('b', 'gone'), 'gone');
});

test('replacing counts as use and takes no room', () => {
  const cache = new LruCache(2);
  cache.put('a', 1);
  cache.put('b', 2);
  cache.put('a', 10);
  assert.equal(cache.size, 2);
  cache.put('c', 3);
  assert.equal(cache.peek('a'), 10);
  assert.equal(cache.has('b'), false);
});

test('peeking does not count as use', () => {
  const cache = new LruCache(2);
  cache.put('a', 1);
  cache.put('b', 2);
  assert.equal(cache.peek('a'), 1);
  cache.put('c', 3);
  assert.equal(cache.has('a'), false);
});

test('an entry expires exactly after its time to live', () => {
  let now = 100;
  const cache = new LruCache(2, () => now);
  cache.put('a', 1, 10);
  now += 9.9;
  assert.equal(cache.get('a'), 1);
  now += 0.1;
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.stats().expirations, 1);
});

test('expired entries go before living ones', () => {
  let now = 0;
  const cache = new LruCache(2, () => now);
  cache.put('old', 1);
  cache.put('short', 2, 1);
  now += 5;
  cache.put('new', 3);
  assert.deepEqual(cache.keys(), ['old', 'new']);
  assert.equal(cache.stats().evictions, 0);
});

test('a stored undefined is a hit', () => {
  const cache = new LruCache(1);
  cache.put('a', undefined);
  assert.equal(cache.get('a', 'fallback'), undefined);
  assert.deepEqual(cache.stats(), { hits: 1, misses: 0, evictions: 0, expirations: 0 });
});

test('wrong capacities and times are refused', () => {
  for (const capacity of [0, -1, 1.5, '2']) {
    assert.throws(() => new LruCache(capacity), RangeError);
  }
  assert.throws(() => new LruCache(1).put('a', 1, 0), RangeError);
});

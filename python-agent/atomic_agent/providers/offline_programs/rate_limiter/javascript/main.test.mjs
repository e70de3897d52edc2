import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SlidingWindow, TokenBucket } from './main.mjs';

function fakeClock() {
  const clock = () => clock.now;
  clock.now = 1000;
  return clock;
}

test('a burst passes and then the bucket is empty', () => {
  const bucket = new TokenBucket({ rate: 2, burst: 3, clock: fakeClock() });
  const remaining = [1, 2, 3].map(() => bucket.check('a').remaining);
  assert.deepEqual(remaining, [2, 1, 0]);
  assert.deepEqual(bucket.check('a'), { allowed: false, remaining: 0, retryAfter: 0.5 });
});

test('the bucket fills with time but not above its burst', () => {
  const clock = fakeClock();
  const bucket = new TokenBucket({ rate: 2, burst: 3, clock });
  bucket.check('a', 3);
  clock.now += 0.5;
  assert.equal(bucket.check('a').allowed, true);
  assert.equal(bucket.check('a').allowed, false);
  clock.now += 1000;
  const burst = [1, 2, 3, 4].map(() => bucket.check('a').allowed);
  assert.deepEqual(burst, [true, true, true, false]);
});

test('a clock that runs backwards gives no tokens', () => {
  const clock = fakeClock();
  const bucket = new TokenBucket({ rate: 1, burst: 1, clock });
  bucket.check('a');
  clock.now -= 100;
  assert.equal(bucket.check('a').allowed, false);
});

test('clients are independent and quiet ones are forgotten', () => {
  const clock = fakeClock();
  const bucket = new TokenBucket({ rate: 1, burst: 2, clock });
  bucket.check('a', 2);
  assert.equal(bucket.check('b').allowed, true);
  clock.now += 1;
  assert.equal(bucket.purge(), 1);
});

test('the window lets its limit pass and slides', () => {
  const clock = fakeClock();
  const window = new SlidingWindow({ limit: 2, window: 10, clock });
  assert.equal(window.check('a').remaining, 1);
  clock.now += 6;
  assert.equal(window.check('a').remaining, 0);
  assert.deepEqual(window.check('a'), { allowed: false, remaining: 0, retryAfter: 4 });
  clock.now += 4;
  assert.equal(window.check('a').allowed, true);
  assert.equal(window.check('a').allowed, false);
  clock.now += 20;
  assert.equal(window.purge(), 1);
});

test('no window of time ever sees more than the limit', () => {
  const clock = fakeClock();
  const window = new SlidingWindow({ limit: 5, window: 10, clock });
  const passed = [];
  for (let step = 0; step < 500; step += 1) {
    clock.now += step % 7 ? 0.37 : 2.1;
    if (window.check('a').allowed) passed.push(clock.now);
  }
  for (const start of passed) {
    assert.ok(passed.filter((at) => at >= start && at < start + 10).length <= 5);
  }
});

test('settings that can not work are refused', () => {
  assert.throws(() => new TokenBucket({ rate: 0, burst: 1 }), RangeError);
  assert.throws(() => new SlidingWindow({ limit: 0, window: 1 }), RangeError);
  assert.throws(() => new TokenBucket({ rate: 1, burst: 5 }).check('a', 6), RangeError);
});

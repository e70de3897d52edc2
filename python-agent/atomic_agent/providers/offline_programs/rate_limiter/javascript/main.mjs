// Rate limiters: a token bucket and an exact sliding window.

import { pathToFileURL } from 'node:url';

const seconds = () => performance.now() / 1000;

/** Lets bursts of `burst` pass, then `rate` a second. */
export class TokenBucket {
  #rate;
  #burst;
  #clock;
  #buckets = new Map();

  constructor({ rate, burst, clock = seconds }) {
    if (!(rate > 0) || !(burst > 0)) throw new RangeError('rate and burst must be above 0');
    this.#rate = rate;
    this.#burst = burst;
    this.#clock = clock;
  }

  /** Takes `cost` tokens if there are as many. */
  check(key, cost = 1) {
    if (!(cost > 0 && cost <= this.#burst)) {
      throw new RangeError(`cost must be above 0 and at most ${this.#burst}`);
    }
    const now = this.#clock();
    const tokens = this.#tokens(key, now);
    if (tokens < cost) {
      const retryAfter = (cost - tokens) / this.#rate;
      return { allowed: false, remaining: Math.floor(tokens), retryAfter };
    }
    this.#buckets.set(key, { tokens: tokens - cost, since: now });
    return { allowed: true, remaining: Math.floor(tokens - cost), retryAfter: 0 };
  }

  /** Forgets the clients whose bucket is full again; returns how many. */
  purge() {
    const now = this.#clock();
    const full = [...this.#buckets.keys()].filter((key) => this.#tokens(key, now) >= this.#burst);
    full.forEach((key) => this.#buckets.delete(key));
    return full.length;
  }

  #tokens(key, now) {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#burst;
    const flowedIn = Math.max(0, now - bucket.since) * this.#rate;
    return Math.min(this.#burst, bucket.tokens + flowedIn);
  }
}

/** Lets `limit` requests pass in any `window` seconds. */
export class SlidingWindow {
  #limit;
  #window;
  #clock;
  #passed = new Map();

  constructor({ limit, window, clock = seconds }) {
    if (!(limit >= 1) || !(window > 0)) {
      throw new RangeError('limit must be at least 1 and window above 0');
    }
    this.#limit = limit;
    this.#window = window;
    this.#clock = clock;
  }

  check(key) {
    const now = this.#clock();
    const times = this.#recent(key, now);
    if (times.length < this.#limit) {
      times.push(now);
      this.#passed.set(key, times);
      return { allowed: true, remaining: this.#limit - times.length, retryAfter: 0 };
    }
    return { allowed: false, remaining: 0, retryAfter: times[0] + this.#window - now };
  }

  /** Forgets the clients without a request in the window; returns how many. */
  purge() {
    const now = this.#clock();
    const quiet = [...this.#passed.keys()].filter((key) => this.#recent(key, now).length === 0);
    quiet.forEach((key) => this.#passed.delete(key));
    return quiet.length;
  }

  #recent(key, now) {
    const times = this.#passed.get(key) ?? [];
    const first = times.findIndex((at) => at > now - this.#window);
    times.splice(0, first < 0 ? times.length : first);
    return times;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const limiter = new TokenBucket({ rate: 2, burst: 3 });
  for (let number = 1; number <= 5; number += 1) {
    const { allowed, retryAfter } = limiter.check('demo');
    console.log(`request ${number}: ${allowed ? 'passes' : `waits ${retryAfter.toFixed(2)} s`}`);
  }
}

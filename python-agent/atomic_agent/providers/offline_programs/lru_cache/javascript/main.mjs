// A cache that drops what was used longest ago, with optional expiry.

import { pathToFileURL } from 'node:url';

/**
 * Holds at most `capacity` entries. A Map keeps its keys in the order in which they were set, so the
 * first one is always the one used longest ago.
 */
export class LruCache {
  #capacity;
  #clock;
  #entries = new Map();
  #usesExpiry = false;
  #counts = { hits: 0, misses: 0, evictions: 0, expirations: 0 };

  /** @param clock gives the time in milliseconds */
  constructor(capacity, clock = () => performance.now()) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError('capacity must be a whole number of at least 1');
    }
    this.#capacity = capacity;
    this.#clock = clock;
  }

  get size() {
    return this.keys().length;
  }

  has(key) {
    return this.#alive(key) !== undefined;
  }

  /** The value of a key, which counts as use, or the fallback. */
  get(key, fallback = undefined) {
    const entry = this.#alive(key);
    if (entry === undefined) {
      this.#counts.misses += 1;
      return fallback;
    }
    this.#counts.hits += 1;
    this.#touch(key, entry);
    return entry.value;
  }

  /** The value of a key without counting as use. */
  peek(key, fallback = undefined) {
    const entry = this.#alive(key);
    return entry === undefined ? fallback : entry.value;
  }

  /** Stores a value, for `ttl` milliseconds if given. */
  put(key, value, ttl = undefined) {
    if (ttl !== undefined && !(ttl > 0)) throw new RangeError('ttl must be above 0');
    const expiresAt = ttl === undefined ? Infinity : this.#clock() + ttl;
    this.#touch(key, { value, expiresAt });
    this.#usesExpiry ||= ttl !== undefined;
    if (this.#entries.size > this.#capacity) this.#makeRoom();
  }

  delete(key) {
    return this.#entries.delete(key);
  }

  /** The living keys, the one used longest ago first. */
  keys() {
    return [...this.#entries.keys()].filter((key) => this.#alive(key) !== undefined);
  }

  stats() {
    return { ...this.#counts };
  }

  /** Expired entries go first, then the one used longest ago. */
  #makeRoom() {
    if (this.#usesExpiry && this.keys().length <= this.#capacity) return;
    this.#entries.delete(this.#entries.keys().next().value);
    this.#counts.evictions += 1;
  }

  #touch(key, entry) {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #alive(key) {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#clock() >= entry.expiresAt) {
      this.#entries.delete(key);
      this.#counts.expirations += 1;
      return undefined;
    }
    return entry;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const cache = new LruCache(2);
  cache.put('a', 1);
  cache.put('b', 2);
  cache.get('a');
  cache.put('c', 3);
  console.log('kept:', cache.keys());
  console.log('b:', cache.get('b', 'gone'));
  console.log(cache.stats());
}

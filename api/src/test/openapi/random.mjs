// Random numbers that are the same for the same seed (mulberry32).
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  // From 0 to below 1.
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  // From `min` to `max`, both included.
  whole(min, max) {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(p) {
    return this.next() < p;
  }

  pick(list) {
    return list[this.whole(0, list.length - 1)];
  }
}

// A seed of its own for each name, so that a new operation doesn't change what the others are asked.
export function seedOf(name, seed) {
  let hash = seed;
  for (const c of name) hash = Math.imul(hash ^ c.codePointAt(0), 16777619);
  return hash >>> 0;
}

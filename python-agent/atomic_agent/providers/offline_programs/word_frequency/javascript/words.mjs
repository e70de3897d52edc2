// Counting the words of texts.

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['-][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*/gu;

/** The words of a text, without case. */
export function wordsOf(text) {
  const plain = text.normalize('NFC').replace(/[\u2019\u02bc]/g, "'").replace(/[\u2010\u2011]/g, '-');
  const found = plain.match(WORD) ?? [];
  return found.filter((word) => /\p{L}/u.test(word)).map((word) => word.toLowerCase());
}

export class WordCounter {
  #counts = new Map();
  #minLength;
  #ignored;

  constructor({ minLength = 1, ignore = [] } = {}) {
    this.#minLength = minLength;
    this.#ignored = new Set(ignore.flatMap(wordsOf));
  }

  add(text) {
    for (const word of wordsOf(text)) {
      if ([...word].length < this.#minLength || this.#ignored.has(word)) continue;
      this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    }
  }

  get different() {
    return this.#counts.size;
  }

  get total() {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** [word, count], the highest first, equals by the alphabet. */
  mostFrequent(top) {
    const byCountThenWord = (first, second) => second[1] - first[1] || (first[0] < second[0] ? -1 : 1);
    return [...this.#counts].sort(byCountThenWord).slice(0, top);
  }
}

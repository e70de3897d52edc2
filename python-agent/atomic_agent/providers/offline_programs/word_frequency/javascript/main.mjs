// The command: node main.mjs [--top N] [--min-length N] [--ignore a,b] [FILE…]

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { WordCounter } from './words.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    top: { type: 'string', default: '10' },
    'min-length': { type: 'string', default: '1' },
    ignore: { type: 'string', default: '' },
  },
});

const counter = new WordCounter({
  minLength: Number(values['min-length']),
  ignore: values.ignore.split(','),
});

try {
  const inputs = positionals.length
    ? positionals.map((name) => createReadStream(name, 'utf8'))
    : [process.stdin];
  for (const input of inputs) {
    for await (const chunk of createInterface({ input, crlfDelay: Infinity })) counter.add(chunk);
  }
  for (const [word, count] of counter.mostFrequent(Number(values.top))) {
    console.log(`${String(count).padStart(6)}  ${word}`);
  }
  console.log(`${counter.total} words, ${counter.different} different`);
} catch (problem) {
  console.error(problem.message);
  process.exitCode = 2;
}

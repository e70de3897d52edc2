// The command: node main.mjs BEFORE AFTER, or node main.mjs DOCUMENT --apply PATCH

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { apply, diff } from './jsonpatch.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { apply: { type: 'string' } },
});
const read = (name) => JSON.parse(readFileSync(name, 'utf8'));

try {
  const [before, after] = positionals;
  let result;
  if (before === undefined) {
    result = diff({ name: 'lamp', tags: ['old'] }, { name: 'lamp', tags: ['old', 'oil'], lit: true });
  } else if (values.apply !== undefined) {
    result = apply(read(before), read(values.apply));
  } else {
    result = diff(read(before), read(after));
    process.exitCode = result.length > 0 ? 1 : 0;
  }
  console.log(JSON.stringify(result, null, 2));
} catch (problem) {
  console.error(problem.message);
  process.exitCode = 2;
}

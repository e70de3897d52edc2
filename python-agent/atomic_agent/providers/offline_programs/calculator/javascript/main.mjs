// The calculator's command line.

import { createInterface } from 'node:readline';

import { Calculator, CalculatorError, shown } from './calculator.mjs';

const calculator = new Calculator();
const lines = process.argv.length > 2
  ? process.argv.slice(2)
  : createInterface({ input: process.stdin });

for await (const line of lines) {
  if (line.trim() === '') continue;
  try {
    console.log(shown(calculator.evaluate(line)));
  } catch (problem) {
    if (!(problem instanceof CalculatorError)) throw problem;
    console.error(problem.message);
    process.exitCode = 1;
  }
}

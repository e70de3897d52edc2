import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Calculator, CalculatorError, shown } from './calculator.mjs';

const value = (text) => new Calculator().evaluate(text);

test('arithmetic follows precedence', () => {
  const cases = [['1 + 2 * 3', 7], ['(1 + 2) * 3', 9], ['10 - 4 - 3', 3], ['100 / 10 / 5', 2],
    ['7 % 4', 3], ['2 ^ 3 ^ 2', 512], ['-2 ^ 2', -4], ['2 ^ -1', 0.5], ['--3', 3], ['-2 * -3', 6],
    ['2 - -3', 5], ['.5 + 1.', 1.5], ['1.5e3', 1500], ['  1\t+1 ', 2], ['-(2 + 3)', -5]];
  for (const [text, wanted] of cases) assert.equal(value(text), wanted, text);
});

test('functions and constants are known', () => {
  const cases = [['sqrt(16)', 4], ['max(1, 5, 3)', 5], ['min(2)', 2], ['abs(-3) + 1', 4],
    ['ln(e)', 1], ['cos(pi)', -1], ['round(2.6)', 3], ['sqrt(3^2 + 4^2)', 5]];
  for (const [text, wanted] of cases) assert.equal(value(text), wanted, text);
});

test('variables last from one expression to the next', () => {
  const calculator = new Calculator();
  calculator.evaluate('x = 4');
  assert.equal(calculator.evaluate('y = x * 2 + 1'), 9);
  assert.throws(() => calculator.evaluate('x = 1 / 0'), CalculatorError);
  assert.equal(calculator.evaluate('x + y'), 13);
});

test('an error says what and where', () => {
  const cases = [['', 1, 'a value is missing'], ['1 +', 4, 'a value is missing'],
    ['(1 + 2', 7, "')' is missing"], ['1 2', 3, "'2' doesn't belong"], ['1 $ 2', 3, "'$' doesn't"],
    ['foo + 1', 1, 'unknown'], ['1 / 0', 3, 'division by zero'], ['sqrt(-1)', 1, "isn't a number"],
    ['10 ^ 1000', 4, "isn't a number"], ['sqrt(1, 2)', 1, 'takes 1'], ['pi = 3', 1, "can't be"],
    ['sqrt', 1, 'unknown'], ['2)', 2, "doesn't belong"], ['x =', 4, 'a value is missing'],
    ['toString', 1, 'unknown'], ['constructor(1)', 1, 'unknown']];
  for (const [text, position, message] of cases) {
    assert.throws(() => value(text), (problem) => {
      assert.ok(problem instanceof CalculatorError, text);
      assert.ok(problem.message.includes(message), `${text}: ${problem.message}`);
      assert.equal(problem.position, position, text);
      return true;
    });
  }
});

test('length and depth are limited', () => {
  assert.throws(() => value('('.repeat(200) + '1' + ')'.repeat(200)), /nested/);
  assert.throws(() => value('1+'.repeat(600) + '1'), /longer/);
});

test('values are shown as people write them', () => {
  assert.deepEqual([4, -0.5, 0.1 + 0.2, 1e20].map(shown), ['4', '-0.5', '0.3', '100000000000000000000']);
});

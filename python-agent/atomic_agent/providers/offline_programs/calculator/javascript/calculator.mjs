// Arithmetic expressions: a tokenizer and a parser that evaluates as it goes.

const MAX_LENGTH = 1000;
const MAX_DEPTH = 100;
const TOKEN = /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>[-+*/%^(),=])|(?<end>$))/y;

// How tightly an operator binds to its left and right, and what it does.
const OPERATORS = new Map([
  ['+', [1, 2, (a, b) => a + b]],
  ['-', [1, 2, (a, b) => a - b]],
  ['*', [3, 4, (a, b) => a * b]],
  ['/', [3, 4, (a, b) => a / b]],
  ['%', [3, 4, (a, b) => a % b]],
  ['^', [7, 6, (a, b) => a ** b]],
]);
const SIGN_POWER = 5;
const CONSTANTS = new Map([['pi', Math.PI], ['e', Math.E]]);
const FUNCTIONS = new Map([
  ['sqrt', [1, Math.sqrt]], ['abs', [1, Math.abs]], ['sin', [1, Math.sin]], ['cos', [1, Math.cos]],
  ['ln', [1, Math.log]], ['round', [1, Math.round]], ['min', [Infinity, Math.min]],
  ['max', [Infinity, Math.max]],
]);

/** What is wrong and where: `position` counts characters from 1. */
export class CalculatorError extends Error {
  constructor(message, position) {
    super(`${message} (at ${position})`);
    this.position = position;
  }
}

export function tokensOf(text) {
  if (text.length > MAX_LENGTH) {
    throw new CalculatorError(`longer than ${MAX_LENGTH} characters`, MAX_LENGTH + 1);
  }
  const tokens = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) {
      const at = text.length - text.slice(start).trimStart().length;
      throw new CalculatorError(`'${text[at]}' doesn't belong here`, at + 1);
    }
    const [kind, word] = Object.entries(found.groups).find(([, part]) => part !== undefined);
    tokens.push({ kind, text: word, position: found.index + found[0].length - word.length + 1 });
    if (kind === 'end') return tokens;
  }
}

/** Evaluates one expression after another; variables last. */
export class Calculator {
  variables = new Map();
  #tokens = [];
  #next = 0;

  /** The value of an expression or assignment; throws a CalculatorError. */
  evaluate(text) {
    this.#tokens = tokensOf(text);
    this.#next = 0;
    const [name, sign] = this.#tokens;
    if (name.kind === 'name' && sign.text === '=') {
      if (CONSTANTS.has(name.text) || FUNCTIONS.has(name.text)) {
        throw new CalculatorError(`${name.text} can't be changed`, name.position);
      }
      this.#next = 2;
      const value = this.#whole();
      this.variables.set(name.text, value);
      return value;
    }
    return this.#whole();
  }

  #whole() {
    const value = this.#expression(0, 0);
    const rest = this.#peek();
    if (rest.kind !== 'end') {
      throw new CalculatorError(`'${rest.text}' doesn't belong here`, rest.position);
    }
    return value;
  }

  #peek() {
    return this.#tokens[this.#next];
  }

  #take() {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  #expect(text) {
    const token = this.#take();
    if (token.text !== text) throw new CalculatorError(`'${text}' is missing`, token.position);
  }

  #expression(power, depth) {
    if (depth > MAX_DEPTH) throw new CalculatorError('nested too deeply', this.#peek().position);
    let value = this.#operand(depth);
    for (;;) {
      const token = this.#peek();
      const [left, right, apply] = OPERATORS.get(token.text) ?? [-1];
      if (left < power || left < 0) return value;
      this.#take();
      value = checked(apply, [value, this.#expression(right, depth + 1)], token);
    }
  }

  #operand(depth) {
    const token = this.#take();
    if (token.kind === 'number') return checked(Number, [token.text], token);
    if (token.kind === 'name') return this.#name(token, depth);
    if (token.text === '-') return -this.#expression(SIGN_POWER, depth + 1);
    if (token.text === '+') return this.#expression(SIGN_POWER, depth + 1);
    if (token.text === '(') {
      const value = this.#expression(0, depth + 1);
      this.#expect(')');
      return value;
    }
    throw new CalculatorError('a value is missing', token.position);
  }

  #name(token, depth) {
    if (this.#peek().text === '(' && FUNCTIONS.has(token.text)) return this.#call(token, depth);
    const value = this.variables.get(token.text) ?? CONSTANTS.get(token.text);
    if (value === undefined) throw new CalculatorError(`${token.text} is unknown`, token.position);
    return value;
  }

  #call(token, depth) {
    const [count, apply] = FUNCTIONS.get(token.text);
    const values = [];
    do {
      this.#take();
      values.push(this.#expression(0, depth + 1));
    } while (this.#peek().text === ',');
    this.#expect(')');
    if (Number.isFinite(count) && values.length !== count) {
      throw new CalculatorError(`${token.text} takes ${count} value`, token.position);
    }
    return checked(apply, values, token);
  }
}

function checked(apply, values, token) {
  if (token.text === '/' && values[1] === 0) {
    throw new CalculatorError('division by zero', token.position);
  }
  const result = apply(...values);
  if (!Number.isFinite(result)) {
    throw new CalculatorError("the result isn't a number", token.position);
  }
  return result;
}

/** A value as a person would write it. */
export const shown = (value) => String(Number(value.toPrecision(12)));

// JSON Patch (RFC 6902): making one from two documents, and applying one.

export class PatchError extends Error {}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const has = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const isIndex = (key) => /^(0|[1-9]\d*)$/.test(key);

/** A JSON pointer (RFC 6901) of keys and indexes. */
export const pointer = (keys) => keys
  .map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
  .join('');

function keysOf(text) {
  if (text === '') return [];
  if (typeof text !== 'string' || !text.startsWith('/')) throw new PatchError('not a pointer');
  return text.slice(1).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Whether two values are the same JSON, whatever the order of keys. */
export function equal(first, second) {
  if (Array.isArray(first) && Array.isArray(second)) {
    return first.length === second.length && first.every((item, at) => equal(item, second[at]));
  }
  if (isObject(first) && isObject(second)) {
    const keys = Object.keys(first);
    return keys.length === Object.keys(second).length
      && keys.every((key) => has(second, key) && equal(first[key], second[key]));
  }
  return first === second;
}

/** The patch that makes `after` of `before`. */
export function diff(before, after, path = []) {
  if (isObject(before) && isObject(after)) return diffObjects(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return diffArrays(before, after, path);
  return equal(before, after) ? [] : [{ op: 'replace', path: pointer(path), value: after }];
}

function diffObjects(before, after, path) {
  const old = Object.keys(before).sort();
  const added = Object.keys(after).filter((key) => !has(before, key)).sort();
  return [
    ...old.filter((key) => !has(after, key))
      .map((key) => ({ op: 'remove', path: pointer([...path, key]) })),
    ...old.filter((key) => has(after, key))
      .flatMap((key) => diff(before[key], after[key], [...path, key])),
    ...added.map((key) => ({ op: 'add', path: pointer([...path, key]), value: after[key] })),
  ];
}

function diffArrays(before, after, path) {
  const common = Math.min(before.length, after.length);
  const patch = [];
  for (let index = 0; index < common; index += 1) {
    patch.push(...diff(before[index], after[index], [...path, index]));
  }
  for (let index = before.length - 1; index >= common; index -= 1) {
    patch.push({ op: 'remove', path: pointer([...path, index]) });
  }
  for (let index = common; index < after.length; index += 1) {
    patch.push({ op: 'add', path: pointer([...path, index]), value: after[index] });
  }
  return patch;
}

/** The patched copy of a document; throws a PatchError and never changes the document. */
export function apply(document, patch) {
  if (!Array.isArray(patch)) throw new PatchError('a patch is a list');
  const holder = { '': structuredClone(document) };
  patch.forEach((operation, at) => {
    try {
      applyOne(holder, operation);
    } catch (problem) {
      if (!(problem instanceof PatchError)) throw problem;
      throw new PatchError(`operation ${at + 1}: ${problem.message}`);
    }
  });
  return holder[''];
}

function applyOne(holder, operation) {
  if (!isObject(operation)) throw new PatchError('not an operation');
  const { op, path, from } = operation;
  const needsValue = ['add', 'replace', 'test'].includes(op);
  if (needsValue && !has(operation, 'value')) throw new PatchError('a value is missing');
  const value = structuredClone(operation.value);
  switch (op) {
    case 'add': return add(holder, path, value);
    case 'remove': return remove(holder, path);
    case 'replace': {
      const [parent, key] = place(holder, path);
      parent[existing(parent, key)] = value;
      return undefined;
    }
    case 'test':
      if (!equal(get(holder, path), value)) throw new PatchError(`${path} has another value`);
      return undefined;
    case 'copy': return add(holder, path, structuredClone(get(holder, from)));
    case 'move': {
      if (String(path).startsWith(`${from}/`)) {
        throw new PatchError("a value can't be moved into itself");
      }
      const moved = get(holder, from);
      remove(holder, from);
      return add(holder, path, moved);
    }
    default: throw new PatchError('not an operation');
  }
}

/** [what holds the last key of a path, that key]. */
function place(holder, path) {
  const keys = ['', ...keysOf(path)];
  const last = keys.pop();
  return [keys.reduce((value, key) => value[existing(value, key)], holder), last];
}

function existing(parent, key) {
  if (isObject(parent) && has(parent, key)) return key;
  if (Array.isArray(parent) && isIndex(key) && Number(key) < parent.length) return Number(key);
  throw new PatchError(`there is no ${key}`);
}

function get(holder, path) {
  const [parent, key] = place(holder, path);
  return parent[existing(parent, key)];
}

function add(holder, path, value) {
  const [parent, key] = place(holder, path);
  if (isObject(parent)) {
    // Not by assignment: the key `__proto__` is a key like any other.
    Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
  } else if (Array.isArray(parent) && key === '-') {
    parent.push(value);
  } else if (Array.isArray(parent) && isIndex(key) && Number(key) <= parent.length) {
    parent.splice(Number(key), 0, value);
  } else {
    throw new PatchError(`there is no place ${key}`);
  }
}

function remove(holder, path) {
  if (path === '') throw new PatchError("the whole document can't be removed");
  const [parent, key] = place(holder, path);
  if (Array.isArray(parent)) parent.splice(existing(parent, key), 1);
  else delete parent[existing(parent, key)];
}

// The suite names a function of Node 22 in its imports, for a command that isn't run here. With
// this it also runs under Node 20.
import { register } from 'node:module';

const fs = `
export * from 'node:fs';
export function globSync() { throw new Error('fs.globSync needs Node 22'); }`;
const hook = `
const url = ${JSON.stringify(`data:text/javascript,${encodeURIComponent(fs)}`)};
export function resolve(name, context, next) {
    return name === 'fs' && context.parentURL.includes('/conformance/dist/')
        ? { url, shortCircuit: true } : next(name, context);
}`;
if (!process.getBuiltinModule?.('fs').globSync) {
    register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

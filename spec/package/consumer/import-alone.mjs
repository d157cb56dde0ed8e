// Imports one entry in a process of its own and prints, as JSON, its names and what importing it did to the world.
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

/** What pages and workers have and Node has not: reading them is fine for a library only when it is called. */
const BROWSER_GLOBALS =
  'window document self location XMLHttpRequest localStorage sessionStorage indexedDB Worker importScripts ' +
  'requestAnimationFrame addEventListener removeEventListener';
const OURS = /node_modules[\\/]rx-obs-upload[\\/]/;

const [specifier, how] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const language = new Set(runInNewContext('Object.getOwnPropertyNames(globalThis)'));
const problems = new Set();

const names = [...new Set([...Object.getOwnPropertyNames(globalThis), ...BROWSER_GLOBALS.split(' ')])];
for (const name of names) if (!language.has(name)) watch(name);
const before = shapeOfTheWorld();

const loaded = how === 'require' ? require(specifier) : await import(specifier);

const after = shapeOfTheWorld();
for (const line of after) if (!before.has(line)) problems.add(`${how} of ${specifier} makes or changes ${line}`);
for (const line of before) if (!after.has(line)) problems.add(`${how} of ${specifier} removes or changes ${line}`);
process.stdout.write(JSON.stringify({ names: Object.keys(loaded).sort(), problems: [...problems] }));

/** Notes reads that come straight from the package; what Node and other packages do at import is theirs. */
function watch(name) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  if (own?.configurable === false) return;
  let value = own?.get ? undefined : own?.value;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable: own?.enumerable ?? false,
    get() {
      const reader = new Error().stack.split('\n')[2] ?? '';
      if (OURS.test(reader)) problems.add(`${how} of ${specifier} reads the global ${name} ${reader.trim()}`);
      return own?.get ? own.get.call(globalThis) : value;
    },
    set(next) {
      problems.add(`${how} of ${specifier} sets the global ${name}`);
      value = next;
    },
  });
}

/** Globals, and what hangs on those of the language: a polyfill or a patch would show. */
function shapeOfTheWorld() {
  const shape = new Set(Object.getOwnPropertyNames(globalThis).map((name) => `the global ${name}`));
  for (const name of language) {
    for (const owner of [globalThis[name], globalThis[name]?.prototype]) {
      if ((typeof owner !== 'object' && typeof owner !== 'function') || owner === null || owner === globalThis)
        continue;
      for (const key of Reflect.ownKeys(owner)) shape.add(`${name}.${String(key)}`);
    }
  }
  return shape;
}

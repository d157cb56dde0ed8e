import type { Observable, ObservableInput } from 'rxjs';
import { toObservable, type AnyObservable } from '../../ports/from-port.js';

/** A function that stays in its thread and is called from the other one. */
export type Callable = (...args: never[]) => ObservableInput<unknown>;

/** Options without what cannot be cloned, and the functions among them by their paths. */
export interface SplitOptions {
  readonly plain: Readonly<Record<string, unknown>>;
  readonly functions: ReadonlyMap<string, Callable>;
}

/** Options that are objects with functions: how many arguments of each function are plain. */
const PORTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  checkpointStore: { load: 1, save: 2, remove: 1, list: 0 },
  lock: { hold: 1 },
  hasher: { md5: 1, checksum: 2 },
  signer: { sign: 2 },
};

/** Ends the path of an option that is an Observable. */
const VALUES = ':values';

/**
 * Takes functions, Observables and ports out of options, so that the rest can be sent to another thread. There,
 * `joinOptions` replaces them by functions that call back.
 */
export function splitOptions(options: object): SplitOptions {
  const plain: Record<string, unknown> = {};
  const functions = new Map<string, Callable>();
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (isAnyObservable(value)) functions.set(name + VALUES, () => toObservable(value));
    else if (typeof value === 'function') functions.set(name, value as Callable);
    else if (name in PORTS && typeof value === 'object' && value !== null) {
      // Methods of a class are not properties of the object itself.
      for (const method of Object.keys(PORTS[name] ?? {})) {
        const implementation = (value as Readonly<Record<string, unknown>>)[method];
        if (typeof implementation !== 'function') continue;
        functions.set(`${name}.${method}`, (implementation as Callable).bind(value));
      }
      plain[name] = Object.fromEntries(Object.entries(value).filter(([, field]) => typeof field !== 'function'));
    } else plain[name] = value;
  }
  return { plain, functions };
}

function isAnyObservable(value: unknown): value is AnyObservable<unknown> {
  return typeof value === 'object' && value !== null && 'subscribe' in value;
}

/**
 * Options as they were before `splitOptions`.
 * @param paths - of the functions
 * @param call$ - calls one of them in the other thread
 */
export function joinOptions(
  plain: Readonly<Record<string, unknown>>,
  paths: readonly string[],
  call$: (path: string, args: readonly unknown[]) => Observable<unknown>,
): Record<string, unknown> {
  const options: Record<string, unknown> = { ...plain };
  for (const path of paths) {
    if (path.endsWith(VALUES)) {
      options[path.slice(0, -VALUES.length)] = call$(path, []);
      continue;
    }
    const [name = '', method] = path.split('.');
    if (method === undefined) {
      options[name] = (...args: readonly unknown[]) => call$(path, args);
      continue;
    }
    const count = PORTS[name]?.[method];
    const call = (...args: readonly unknown[]): Observable<unknown> => call$(path, args.slice(0, count));
    options[name] = { ...(options[name] as object), [method]: call };
  }
  return options;
}

import {
  ignoreElements,
  ReplaySubject,
  startWith,
  tap,
  type Observable,
  type ObservableInput,
  type Subscription,
} from 'rxjs';
import { withoutLateSaves } from '../../engine/persist/checkpoint-writer.js';
import type { CheckpointStore } from '../../ports/checkpoint-store/checkpoint-store.js';
import { fromPort, toObservable, type AnyObservable } from '../../ports/from-port.js';
import { given$ } from '../../signing/credentials.js';

/** A function that stays in its thread and is called from the other one. */
export type Callable = (...args: never[]) => ObservableInput<unknown>;

/** Options without what cannot be cloned, and the functions among them by their paths. */
export interface SplitOptions {
  /** Of an Observable, the value that it has at once: the worker needs it for its first requests. */
  readonly plain: Readonly<Record<string, unknown>>;
  readonly functions: ReadonlyMap<string, Callable>;
}

/**
 * Options that are objects with methods, and how many arguments of each method are plain. Of other fields the worker
 * needs only the `dialect` of a signer.
 */
const PORTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  checkpointStore: { load: 1, save: 2, remove: 1, list: 0 },
  lock: { hold: 1 },
  hasher: { md5: 1, checksum: 2 },
  signer: { sign: 2 },
};

/** Of these only the end counts. */
const WITHOUT_VALUES: readonly string[] = ['save', 'remove'];

/** Ends the path of an option that is an Observable. */
const VALUES = ':values';

/**
 * Takes functions, Observables and ports out of options, so that the rest can be sent to another thread. There,
 * `joinOptions` replaces them by functions that call back.
 * @param subscription - to the Observables; `plain` is brought up to date until it ends
 */
export function splitOptions(options: object, subscription: Subscription): SplitOptions {
  const plain: Record<string, unknown> = {};
  const functions = new Map<string, Callable>();
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    const methods = PORTS[name];
    if (isAnyObservable(value)) {
      const values$ = new ReplaySubject<unknown>(1);
      functions.set(name + VALUES, () => values$);
      subscription.add(
        toObservable(value)
          .pipe(tap((last) => (plain[name] = last)))
          .subscribe(values$),
      );
    } else if (typeof value === 'function') {
      functions.set(name, name === 'credentials' ? () => given$(value as () => unknown) : (value as Callable));
    } else if (methods !== undefined && typeof value === 'object' && value !== null) {
      const given = value as Readonly<Record<string, unknown>>;
      const instead: Readonly<Record<string, unknown>> =
        name === 'checkpointStore' ? { ...withoutLateSaves(value as CheckpointStore) } : {};
      for (const method of Object.keys(methods)) {
        const own = instead[method] ?? given[method];
        if (typeof own !== 'function') continue;
        const call = (own as Callable).bind(value);
        functions.set(`${name}.${method}`, WITHOUT_VALUES.includes(method) ? endOf(call, name) : call);
      }
      plain[name] = { dialect: given.dialect };
    } else plain[name] = value;
  }
  return { plain, functions };
}

function endOf(call: Callable, port: string): Callable {
  return (...args) => fromPort(call(...args), port).pipe(ignoreElements());
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
      const option = path.slice(0, -VALUES.length);
      const values$ = call$(path, []);
      options[option] = option in plain ? values$.pipe(startWith(plain[option])) : values$;
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

/**
 * A message without the values that structured clone refuses, such as functions. What this library reads can be cloned,
 * so they are in fields that it does not know, and in the page it ignores those too.
 * @param parents - the objects that the value is in: a reference back to one of them is left out as well
 */
export function cloneable(value: unknown, parents: readonly unknown[] = []): unknown {
  if (parents.includes(value)) return undefined;
  const within = [...parents, value];
  if (Array.isArray(value)) return value.map((field) => cloneable(field, within));
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cloneable(field, within)]));
  }
  return canBeCloned(value) ? value : undefined;
}

/** Sends it to nobody: the oldest browsers that are supported have no `structuredClone`. */
function canBeCloned(value: unknown): boolean {
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  const { port1 } = new MessageChannel();
  try {
    port1.postMessage(value);
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
  }
}

/** Not the objects of an application's classes: what they refer to may have no end. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

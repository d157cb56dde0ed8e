import { defer, NEVER, Observable, Subscription, type ObservableInput, type Subscriber } from 'rxjs';
import { fromPort } from '../../ports/from-port.js';
import { cloneable } from './portable-options.js';
import { fromPortable, toPortable, type PortableError } from './portable-error.js';

/** The owner of the connection's own functions; uploads have numbers from 1. */
export const CONNECTION = 0;

/** How often there is a message at most, unless the request has another `progressIntervalMs`: as its default. */
export const BATCH_MS = 100;

type Plain = Readonly<Record<string, unknown>>;

/** What the page calls in the worker. */
export type WorkerCall =
  | {
      readonly method: 'connect';
      readonly args: readonly [lifeline: string, options: Plain, functions: readonly string[]];
    }
  | {
      readonly method: 'upload';
      readonly args: readonly [upload: number, request: Plain, functions: readonly string[]];
    }
  | { readonly method: 'requests'; readonly args: readonly [] };

/** What the worker calls in the page: a function of the connection's or an upload's options. */
export interface PageCall {
  readonly method: 'function';
  readonly args: readonly [owner: number, path: string, args: readonly unknown[]];
}

/** One end of a pair that exchanges messages: a `Worker` in the page, its global scope in the worker. */
export interface ChannelEnd {
  /** Sends to the other end; what is in `transfer` is handed over instead of copied. */
  postMessage(message: unknown, options?: { readonly transfer?: Transferable[] }): void;
  /** Listens to the other end. */
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** Calls functions of the other thread as Observables. */
export interface Channel {
  /**
   * Cold: calls a function at the other end. Its values, its error and its end arrive here; unsubscribing unsubscribes
   * there.
   */
  readonly call$: (method: string, ...args: readonly unknown[]) => Observable<unknown>;
  /** The other end is gone: what it subscribed to here is unsubscribed from. */
  readonly close: () => void;
}

/** A value whose buffers are handed over to the other end, not copied: this end has them no more. */
export class Handover {
  readonly value: unknown;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: unknown, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** The functions of one end, by name. */
export type Served = (method: string, args: readonly unknown[]) => ObservableInput<unknown>;

type Message =
  | { readonly type: 'subscribe'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly type: 'unsubscribe' | 'complete'; readonly id: number }
  | { readonly type: 'next'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: PortableError };

/** Both ends call and serve at once: ids are those of the end that calls. */
export function openChannel(end: ChannelEnd, serve: Served): Channel {
  const calls = new Map<number, Subscriber<unknown>>();
  const served = new Map<number, Subscription>();
  let lastId = 0;
  const post = (message: Message): void => {
    try {
      end.postMessage(message);
    } catch {
      end.postMessage(cloneable(message));
    }
  };
  const postValue = (id: number, value: unknown): void => {
    if (!(value instanceof Handover)) return post({ type: 'next', id, value });
    return end.postMessage({ type: 'next', id, value: value.value }, { transfer: [...value.buffers] });
  };
  /** The call has ended, so nothing is to be unsubscribed from. */
  const ended = (id: number): Subscriber<unknown> | undefined => {
    const subscriber = calls.get(id);
    calls.delete(id);
    return subscriber;
  };

  const begin = (id: number, method: string, args: readonly unknown[]): void => {
    const subscription = new Subscription();
    served.set(id, subscription);
    const fail = (error: unknown): void => {
      served.delete(id);
      subscription.unsubscribe();
      post({ type: 'error', id, error: toPortable(error) });
    };
    subscription.add(
      defer(() => fromPort(serve(method, args), method)).subscribe({
        next: (value) => {
          try {
            postValue(id, value);
          } catch (error) {
            // Not even the rest of it can be cloned.
            fail(error);
          }
        },
        error: fail,
        complete: () => {
          served.delete(id);
          post({ type: 'complete', id });
        },
      }),
    );
  };

  end.addEventListener('message', (event) => {
    const message = (event as MessageEvent<Message>).data;
    const { id } = message;
    switch (message.type) {
      case 'subscribe':
        return begin(id, message.method, message.args);
      case 'unsubscribe':
        served.get(id)?.unsubscribe();
        return void served.delete(id);
      case 'next':
        return calls.get(id)?.next(message.value);
      case 'error':
        return ended(id)?.error(fromPortable(message.error));
      case 'complete':
        return ended(id)?.complete();
    }
  });

  return {
    call$: (method, ...args) =>
      new Observable((subscriber) => {
        const id = ++lastId;
        calls.set(id, subscriber);
        subscriber.add(() => {
          if (calls.delete(id)) post({ type: 'unsubscribe', id });
        });
        post({ type: 'subscribe', id, method, args });
      }),
    close: () => {
      for (const subscription of served.values()) subscription.unsubscribe();
      served.clear();
    },
  };
}

/**
 * Holds a Web Lock until unsubscribed from, and emits once it has it. A worker that crashes or is terminated fires no
 * event, but its locks are released. Where there are no Web Locks (pages that are not secure), never emits.
 */
export function holdLifeline$(name: string): Observable<null> {
  const locks = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
  if (locks === undefined) return NEVER;
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const held = new Promise<void>((release) => subscriber.add(release));
    subscriber.add(() => controller.abort());
    locks
      .request(name, { signal: controller.signal }, () => {
        subscriber.next(null);
        return held;
      })
      // Aborted, or locks are blocked here: then a death is noticed by events alone.
      .catch(() => undefined);
  });
}

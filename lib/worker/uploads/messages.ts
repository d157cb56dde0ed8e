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

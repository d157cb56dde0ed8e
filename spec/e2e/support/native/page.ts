import {
  createObsConnection,
  uploadQueue$,
  type NativeObservable,
  type ObsCredentials,
  type QueueCommand,
} from 'rx-obs-upload';

/** The browser's own class: TypeScript does not declare it yet. */
type NativeObservableClass = new <T>(
  subscribe: (subscriber: { next(value: T): void; addTeardown(teardown: () => void): void }) => void,
) => NativeObservable<T>;

export interface NativeReport {
  readonly statuses: readonly string[];
  /** How many of the given Observables have been unsubscribed from. */
  readonly teardowns: number;
  readonly isNative: boolean;
}

declare global {
  interface Window {
    uploadNatively(server: string, credentials: ObsCredentials): Promise<NativeReport>;
  }
}

/** Uploads with a queue whose commands, concurrency and options are native Observables. */
window.uploadNatively = (server, credentials) => {
  const Native = (globalThis as unknown as { readonly Observable: NativeObservableClass }).Observable;
  let teardowns = 0;
  const native = <T>(...values: readonly T[]): NativeObservable<T> =>
    new Native((subscriber) => {
      subscriber.addTeardown(() => (teardowns += 1));
      for (const value of values) subscriber.next(value);
    });
  const requests = ['a.bin', 'b.bin'].map((key) => ({ key, sourceFile: new Blob([new Uint8Array(500_000)]) }));
  const add: QueueCommand = { type: 'add', requests };
  const obs = createObsConnection({ server, credentials, online$: native(true) });
  const defaults = { bucket: 'media', partSize: 100 * 1024, taskNum: native(2), trafficLimit: native(819_200 * 1000) };
  return new Promise((resolve, reject) => {
    const subscription = uploadQueue$(obs, native(add), { filesAtOnce: native(2), defaults }).subscribe({
      next: ({ rows }) => {
        const statuses = rows.map(({ status }) => status);
        if (!statuses.length || statuses.some((status) => status !== 'completed' && status !== 'failed')) return;
        setTimeout(() => {
          subscription.unsubscribe();
          resolve({ statuses, teardowns, isNative: String(Native).includes('[native code]') });
        });
      },
      error: reject,
    });
  });
};

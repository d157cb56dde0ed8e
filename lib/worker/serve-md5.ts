import { createMD5, type IHasher } from 'hash-wasm';
import type { HashReply, HashRequest } from './messages.js';

/** The part of a worker's global scope that is used. */
export interface HashScope {
  onmessage: ((event: { readonly data: HashRequest }) => void) | null;
  postMessage(reply: HashReply): void;
}

/** Bytes read at a time; while a slice is hashed the next one is read. */
const SLICE_BYTES: number = 1024 * 1024;

/**
 * Serves the requests of `workerHasher`: the entire content of your own worker script.
 *
 * @example
 * ```ts
 * // md5.worker.ts
 * import { serveMd5 } from 'rx-obs-upload/worker';
 * serveMd5();
 * ```
 */
export function serveMd5(scope: HashScope = self as unknown as HashScope): void {
  const failed = (error: unknown): void => {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    scope.postMessage({ type: 'failed', name, message });
  };
  const serve = (md5: IHasher): void => {
    md5.init();
    const digest = (): void => {
      scope.postMessage({ type: 'digest', digest: md5.digest('binary') });
      md5.init();
    };
    scope.onmessage = ({ data: request }) => {
      switch (request.type) {
        case 'blob':
          readAll(request.blob, md5).then(digest, failed);
          return;
        case 'piece':
          md5.update(request.bytes);
          scope.postMessage({ type: 'taken' });
          return;
        case 'end':
          digest();
      }
    };
    scope.postMessage({ type: 'ready' });
  };
  createMD5().then(serve, failed);
}

async function readAll(blob: Blob, md5: IHasher): Promise<void> {
  const read = (at: number): Promise<ArrayBuffer> => blob.slice(at, at + SLICE_BYTES).arrayBuffer();
  let slice = read(0);
  for (let at = 0; at < blob.size; at += SLICE_BYTES) {
    const bytes = new Uint8Array(await slice);
    slice = read(at + SLICE_BYTES);
    md5.update(bytes);
  }
  await slice;
}

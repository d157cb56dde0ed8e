import { createCRC32, createCRC64, createMD5, createSHA256, type IHasher } from 'hash-wasm';
import type { HashAlgorithm } from '../model/checksum.js';
import type { HashReply, HashRequest } from './digest-by.js';

/** The part of a worker's global scope that is used. */
export interface HashScope {
  /** Set by `serveMd5`. */
  onmessage: ((event: { readonly data: HashRequest }) => void) | null;
  /** Replies to the page. */
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
  const hashers = new Map<HashAlgorithm, Promise<IHasher>>();
  const hasherOf = (algorithm: HashAlgorithm): Promise<IHasher> => {
    const hasher = hashers.get(algorithm) ?? create[algorithm]().then((created) => created.init());
    hashers.set(algorithm, hasher);
    return hasher;
  };
  const serve = async (request: HashRequest): Promise<HashReply> => {
    const hasher = await hasherOf(request.algorithm ?? 'md5');
    if (request.type === 'piece') {
      hasher.update(request.bytes);
      return { type: 'taken' };
    }
    if (request.type === 'blob') await readAll(request.blob, hasher);
    const digest = hasher.digest('binary');
    hasher.init();
    return { type: 'digest', digest };
  };
  const reply = (message: HashReply): void => scope.postMessage(message);
  scope.onmessage = ({ data }) => void serve(data).then(reply, failed);
  // Loaded first, so that a worker in which WebAssembly is forbidden is never used.
  hasherOf('md5').then(() => reply({ type: 'ready' }), failed);
}

/** Reflected polynomials, as in `ports/hash/crc.ts`. */
const create: Readonly<Record<HashAlgorithm, () => Promise<IHasher>>> = {
  md5: createMD5,
  sha256: createSHA256,
  crc32c: () => createCRC32(0x82f63b78),
  crc64ecma: () => createCRC64('c96c5795d7870f42'),
  crc64nvme: () => createCRC64('9a6c9329ac4bc9b5'),
};

async function readAll(blob: Blob, hasher: IHasher): Promise<void> {
  const read = (at: number): Promise<ArrayBuffer> => blob.slice(at, at + SLICE_BYTES).arrayBuffer();
  let slice = read(0);
  for (let at = 0; at < blob.size; at += SLICE_BYTES) {
    const bytes = new Uint8Array(await slice);
    slice = read(at + SLICE_BYTES);
    hasher.update(bytes);
  }
  await slice;
}

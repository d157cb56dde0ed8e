import type { Hasher } from '../ports/hash/hasher.js';
import { hashInWorkers } from './hash-in-workers.js';
import { startWorker } from './start-worker.js';

/** Options of `workerHasher`. */
export interface WorkerHasherOptions {
  /**
   * Starts a worker whose script calls `serveMd5()`: for build tools that find workers only in the application's own
   * code.
   * @defaultValue the worker of this package; none in a CommonJS build, so that this thread hashes
   */
  readonly createWorker?: (() => Worker) | undefined;
}

/**
 * Computes checksums in at most two Web Workers, with WebAssembly, so that a page stays responsive while its files are
 * hashed. One hasher serves any number of uploads. Where a worker cannot be started (a Content-Security-Policy, an old
 * browser, a build tool that left its script out) this thread hashes instead, in small pieces. Unless it was refused, a
 * worker is tried again a minute later.
 *
 * @example
 * ```ts
 * const hasher = workerHasher();
 * uploadFile$(obs, { bucket: 'media', key: 'a.mp4', sourceFile: file, checksum: 'md5', hasher }).subscribe();
 * ```
 * @example The Angular CLI bundles workers of the application's own code only
 * ```ts
 * const hasher = workerHasher({
 *   createWorker: () => new Worker(new URL('./md5.worker', import.meta.url), { type: 'module' }),
 * });
 * ```
 * @see {@link serveMd5}
 */
export function workerHasher({ createWorker = startWorker }: WorkerHasherOptions = {}): Hasher {
  return hashInWorkers(createWorker);
}

import { concatMap, defer, finalize, map, of, timer, type Observable } from 'rxjs';
import type { ChecksumAlgorithm, HashAlgorithm } from '../../model/checksum.js';
import { createDigest, type Hasher } from '../../ports/hash/hasher.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { readBody, sizeOf } from '../bytes/read-body.js';

/** Options of `fakeHasher`. */
export interface FakeHasherOptions {
  /** Hashing speed; null: instant. @defaultValue null */
  readonly bytesPerSecond?: number | null | undefined;
}

/** A hasher whose time is RxJS time, so that it runs in `TestScheduler.run`; the digests are real. */
export interface FakeHasher extends Hasher {
  md5(body: RequestBody): Observable<Uint8Array>;
  checksum(algorithm: ChecksumAlgorithm, body: RequestBody): Observable<Uint8Array>;
  /** Number of bodies that were started, and of those that were finished. */
  readonly begun: number;
  /** How many hashes have ended. */
  readonly finished: number;
  /** Number of bodies being hashed now, and the maximum so far. */
  readonly hashing: number;
  /** The most at once so far. */
  readonly maxHashing: number;
  /** From now on hashing fails with this error; null: it works again. */
  fail(error: Error | null): void;
}

/**
 * A fake of the `Hasher` port.
 *
 * @example
 * ```ts
 * const hasher = fakeHasher({ bytesPerSecond: 1_000_000 });
 * uploadFile$(obs, { bucket, key, sourceFile, checksum: 'md5', hasher }).subscribe();
 * ```
 */
export function fakeHasher({ bytesPerSecond = null }: FakeHasherOptions = {}): FakeHasher {
  let [begun, finished, hashing, maxHashing] = [0, 0, 0, 0];
  let failure: Error | null = null;
  const digest$ = (algorithm: HashAlgorithm, body: RequestBody): Observable<Uint8Array> =>
    readBody(body).pipe(
      map((pieces) => {
        if (failure !== null) throw failure;
        const digest = createDigest(algorithm);
        for (const chunk of pieces.chunks()) digest.update(chunk);
        finished += 1;
        return digest.digest();
      }),
    );
  const hash$ = (algorithm: HashAlgorithm, body: RequestBody): Observable<Uint8Array> =>
    defer(() => {
      begun += 1;
      hashing += 1;
      maxHashing = Math.max(maxHashing, hashing);
      const hashed$ = bytesPerSecond === null ? of(0) : timer((sizeOf(body) * 1000) / bytesPerSecond);
      return hashed$.pipe(
        concatMap(() => digest$(algorithm, body)),
        finalize(() => (hashing -= 1)),
      );
    });
  return {
    md5: (body) => hash$('md5', body),
    checksum: hash$,
    get begun() {
      return begun;
    },
    get finished() {
      return finished;
    },
    get hashing() {
      return hashing;
    },
    get maxHashing() {
      return maxHashing;
    },
    fail: (error) => void (failure = error),
  };
}

import {
  concatMap,
  defer,
  finalize,
  map,
  of,
  range,
  reduce,
  repeat,
  takeWhile,
  toArray,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import type { ChecksumAlgorithm, HashAlgorithm } from '../../model/checksum.js';
import type { RequestBody, StreamedBody } from '../transport/transport.js';
import { isBlob, isBytes } from '../../model/kinds.js';
import { KIB, MIB } from '../../model/checkpoint/parts.js';
import { nextTask$ } from '../../time.js';
import { readBlob$ } from '../read-blob.js';
import { createCrc, polynomials } from './crc.js';
import { createMd5 } from './md5.js';
import type { Digest } from './digest.js';
import { createSha256 } from './sha256.js';

/** Computes checksums of bodies. */
export interface Hasher {
  /** The MD5, 16 bytes: the first value counts. Unsubscribing stops the work. */
  md5(body: RequestBody): ObservableInput<Uint8Array>;
  /**
   * Another checksum, big-endian: 8 bytes for `crc64ecma` and `crc64nvme`, 4 for `crc32c`, 32 for `sha256`. As `md5`.
   * @defaultValue computed on this thread
   */
  checksum?(algorithm: ChecksumAlgorithm, body: RequestBody): ObservableInput<Uint8Array>;
}

/** Hashes on this thread, in pieces that take a few milliseconds, each in a task of its own. */
export function piecewiseHasher(): Required<Hasher> {
  return { md5: (body) => digest$('md5', body), checksum: digest$ };
}

function digest$(algorithm: HashAlgorithm, body: RequestBody): Observable<Uint8Array> {
  if (algorithm === 'sha256') return sha256$(body);
  return defer(() =>
    // A CRC takes a fraction of the time of an MD5.
    pieces$(body, algorithm === 'md5' ? 256 * KIB : 2 * MIB).pipe(
      reduce(
        (digest, piece) => digest.update(piece),
        algorithm === 'md5' ? createMd5() : createCrc(polynomials[algorithm]),
      ),
      map((digest) => digest.digest()),
    ),
  );
}

/** By WebCrypto, which needs the entire body in memory: pages that do not ask for it load no code for it. */
function sha256$(body: RequestBody): Observable<Uint8Array> {
  return pieces$(body, 16 * MIB).pipe(
    toArray(),
    concatMap((pieces) => new Blob(pieces.map((piece) => new Uint8Array(piece))).arrayBuffer()),
    concatMap((bytes) => crypto.subtle.digest('SHA-256', bytes)),
    map((digest) => new Uint8Array(digest)),
  );
}

/** A body in pieces, each in a task of its own. */
export function pieces$(body: RequestBody, pieceBytes: number): Observable<Uint8Array> {
  if (!isBytes(body) && !isBlob(body)) return chunks$(body, pieceBytes);
  const size = isBytes(body) ? body.byteLength : body.size;
  return range(0, Math.ceil(size / pieceBytes)).pipe(
    concatMap((i): Observable<Uint8Array> => {
      const [start, end] = [i * pieceBytes, Math.min(size, (i + 1) * pieceBytes)];
      if (!isBytes(body)) return readBlob$(body.slice(start, end));
      const piece = body.subarray(start, end);
      return nextTask$().pipe(map(() => piece));
    }),
  );
}

/** Chunks may be as large as a part, or so many that none of them alone takes long. */
function chunks$(body: StreamedBody, pieceBytes: number): Observable<Uint8Array> {
  return defer(() => {
    const reader = body.stream().getReader();
    let bytesOfTask = 0;
    const read$ = defer(() => reader.read()).pipe(
      concatMap(({ done, value }): Observable<Uint8Array | null> => {
        if (done) return of(null);
        bytesOfTask += value.length;
        if (bytesOfTask < pieceBytes) return of(value);
        bytesOfTask = 0;
        return pieces$(value, pieceBytes);
      }),
    );
    return read$.pipe(
      repeat(),
      takeWhile((piece) => piece !== null),
      finalize(() => void reader.cancel().catch(() => undefined)),
    );
  });
}

export function createDigest(algorithm: HashAlgorithm): Digest {
  switch (algorithm) {
    case 'md5':
      return createMd5();
    case 'sha256':
      return createSha256();
    default:
      return createCrc(polynomials[algorithm]);
  }
}

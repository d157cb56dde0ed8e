import { isBlob, isBytes } from '../../model/kinds.js';
import { KIB, MIB } from '../../model/limits.js';
import { asyncScheduler, concatMap, defer, map, Observable, observeOn, of, range, reduce } from 'rxjs';
import { readBlob$ } from '../read-blob.js';
import type { HashAlgorithm } from '../../model/checksum.js';
import { createDigest } from './create-digest.js';
import type { RequestBody, StreamedBody } from '../transport/transport.js';
import type { Hasher } from './hasher.js';

/** Hashes on this thread, in pieces that take a few milliseconds, each in a task of its own. */
export function piecewiseHasher(): Required<Hasher> {
  return { md5: (body) => digest$('md5', body), checksum: digest$ };
}

function digest$(algorithm: HashAlgorithm, body: RequestBody): Observable<Uint8Array> {
  return defer(() =>
    pieces$(body, pieceBytesOf(algorithm)).pipe(
      reduce((digest, piece) => digest.update(piece), createDigest(algorithm)),
      map((digest) => digest.digest()),
    ),
  );
}

/** A CRC takes a tenth of the time of an MD5. */
function pieceBytesOf(algorithm: HashAlgorithm): number {
  return algorithm === 'md5' || algorithm === 'sha256' ? 256 * KIB : 2 * MIB;
}

function pieces$(body: RequestBody, pieceBytes: number): Observable<Uint8Array> {
  if (!isBytes(body) && !isBlob(body)) return chunks$(body);
  const size = isBytes(body) ? body.byteLength : body.size;
  return range(0, Math.ceil(size / pieceBytes)).pipe(
    concatMap((i): Observable<Uint8Array> => {
      const [start, end] = [i * pieceBytes, Math.min(size, (i + 1) * pieceBytes)];
      if (isBytes(body)) return of(body.subarray(start, end)).pipe(observeOn(asyncScheduler));
      return readBlob$(body.slice(start, end));
    }),
  );
}

function chunks$(body: StreamedBody): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    const reader = body.stream().getReader();
    const readOn = (): void => {
      reader.read().then(
        ({ done, value }) => {
          if (done) return subscriber.complete();
          subscriber.next(value);
          return subscriber.closed ? undefined : readOn();
        },
        (error: unknown) => subscriber.error(error),
      );
    };
    readOn();
    return () => void reader.cancel().catch(() => undefined);
  });
}

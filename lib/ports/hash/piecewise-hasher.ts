import { isBlob, isBytes } from '../../model/kinds.js';
import { asyncScheduler, concatMap, defer, map, Observable, observeOn, of, range, reduce } from 'rxjs';
import { readBlob$ } from '../read-blob.js';
import { createMd5 } from './md5.js';
import type { RequestBody, StreamedBody } from '../transport/transport.js';
import type { Hasher } from './hasher.js';

/** Takes a few milliseconds to hash, so that a page stays responsive. */
const PIECE_BYTES = 256 * 1024;

/** Hashes on this thread, in pieces of 256 KiB, each in a task of its own. */
export function piecewiseHasher(): Hasher {
  return {
    md5: (body) =>
      defer(() =>
        pieces$(body).pipe(
          reduce((md5, piece) => md5.update(piece), createMd5()),
          map((md5) => md5.digest()),
        ),
      ),
  };
}

function pieces$(body: RequestBody): Observable<Uint8Array> {
  if (!isBytes(body) && !isBlob(body)) return chunks$(body);
  const size = isBytes(body) ? body.byteLength : body.size;
  return range(0, Math.ceil(size / PIECE_BYTES)).pipe(
    concatMap((i): Observable<Uint8Array> => {
      const [start, end] = [i * PIECE_BYTES, Math.min(size, (i + 1) * PIECE_BYTES)];
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

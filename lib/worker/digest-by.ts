import type { HashAlgorithm } from '../model/checksum.js';
import { isBlob, isBytes } from '../model/kinds.js';
import { concatMap, defer, filter, finalize, from, map, of, repeat, take, type Observable } from 'rxjs';
import type { RequestBody } from '../ports/transport/transport.js';
import { ask$, type HashWorker } from './ask.js';
import type { HashReply } from './messages.js';

/** Bytes copied and transferred at a time. */
const PIECE_BYTES: number = 1024 * 1024;

/** A worker reads Blobs itself; other bodies are sent in pieces, each when the last one is hashed. */
export function digestBy$(worker: HashWorker, algorithm: HashAlgorithm, body: RequestBody): Observable<Uint8Array> {
  return reply$(worker, algorithm, body).pipe(
    filter((reply) => reply.type === 'digest'),
    map(({ digest }) => digest),
    take(1),
  );
}

function reply$(worker: HashWorker, algorithm: HashAlgorithm, body: RequestBody): Observable<HashReply> {
  if (isBlob(body)) return ask$(worker, { type: 'blob', algorithm, blob: body });
  return isBytes(body)
    ? piecewise$(worker, algorithm, ofBytes(body))
    : ofStream$(worker, algorithm, body.stream().getReader());
}

/** @param next - the next piece; null after the last one */
function piecewise$(
  worker: HashWorker,
  algorithm: HashAlgorithm,
  next: () => Observable<Uint8Array | null>,
): Observable<HashReply> {
  return defer(next).pipe(
    concatMap((piece) => {
      if (piece === null) return ask$(worker, { type: 'end', algorithm });
      // A copy, since transferring detaches the buffer and the body is still to be sent.
      const bytes = piece.slice();
      return ask$(worker, { type: 'piece', algorithm, bytes }, [bytes.buffer]);
    }),
    repeat(),
  );
}

function ofBytes(bytes: Uint8Array): () => Observable<Uint8Array | null> {
  let at = 0;
  return () => of(at < bytes.length ? bytes.subarray(at, (at += PIECE_BYTES)) : null);
}

function ofStream$(
  worker: HashWorker,
  algorithm: HashAlgorithm,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Observable<HashReply> {
  const next = (): Observable<Uint8Array | null> => from(reader.read()).pipe(map(({ value }) => value ?? null));
  return piecewise$(worker, algorithm, next).pipe(finalize(() => void reader.cancel().catch(() => undefined)));
}

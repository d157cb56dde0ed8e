import { isBlob, isBytes } from '../../model/kinds.js';
import { defer, from, map, of, type Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import { NetworkError } from '../../model/errors/errors.js';
import { isVirtualTime } from '../../time.js';
import { readBlob$ } from '../../ports/read-blob.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import type { LazyBody } from './lazy-body.js';
import { piecesOf, type Pieces } from './pieces.js';
import { unreadBlob } from './unread-blob.js';

export function sizeOf(body: RequestBody | null): number {
  if (body === null) return 0;
  return isBytes(body) ? body.length : body.size;
}

/**
 * The bytes of a body: synchronously from memory and from a fake source, by Promises from a Blob or a stream. In
 * virtual time a Blob is not read. A body that cannot be read looks like a broken connection, as in browsers.
 */
export function readBody(body: RequestBody | null): Observable<Pieces> {
  return defer(() => read(body)).pipe(
    mapError(
      (cause) =>
        new NetworkError('network', 'The body could not be read while it was sent.', { retryable: true, cause }),
    ),
  );
}

function read(body: RequestBody | null): Observable<Pieces> {
  if (body === null) return of(piecesOf());
  if (isBytes(body)) return of(piecesOf(body));
  if ('chunks' in body) return of(checked(body as LazyBody));
  if (!isBlob(body)) return from(drain(body.stream()));
  return isVirtualTime() ? of(unreadBlob(body)) : readBlob$(body).pipe(map((bytes) => piecesOf(bytes)));
}

/** Lets an unreadable body fail here rather than where its bytes are used. */
function checked(body: LazyBody): LazyBody {
  body.chunks();
  return body;
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<Pieces> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return piecesOf(...chunks);
}

import {
  concatMap,
  defer,
  EMPTY,
  filter,
  finalize,
  from,
  fromEvent,
  map,
  merge,
  of,
  repeat,
  take,
  type Observable,
} from 'rxjs';
import type { HashAlgorithm } from '../model/checksum.js';
import { isBlob, isBytes } from '../model/kinds.js';
import type { RequestBody } from '../ports/transport/transport.js';

/** A request to hash: a Blob that the worker reads itself, or pieces one by one until the end. */
export type HashRequest = {
  /** @defaultValue 'md5' */
  readonly algorithm?: HashAlgorithm;
} & (
  | { readonly type: 'blob'; readonly blob: Blob }
  | { readonly type: 'piece'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
);

/** The first reply is sent without a request, when the worker is ready; then one per request. */
export type HashReply =
  | { readonly type: 'ready' | 'taken' }
  | { readonly type: 'digest'; readonly digest: Uint8Array }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

/** The part of `Worker` that is used. */
export type HashWorker = Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener' | 'removeEventListener'>;

/** The worker did not reply, and gave no reason: another one may. */
export class LostWorker extends Error {}

/**
 * Sends a request to a worker and emits its reply; fails if the reply is a failure or the worker crashes.
 * @param request - null: sends nothing and waits for the first message of a new worker
 */
export function ask$(
  worker: HashWorker,
  request: HashRequest | null,
  transfer: Transferable[] = [],
): Observable<HashReply> {
  return merge(
    fromEvent<MessageEvent<HashReply>>(worker, 'message').pipe(map(({ data }) => successful(data))),
    fromEvent(worker, 'messageerror').pipe(map(unreadable)),
    fromEvent<ErrorEvent>(worker, 'error').pipe(map(crashed)),
    defer(() => {
      if (request !== null) worker.postMessage(request, transfer);
      return EMPTY;
    }),
  ).pipe(take(1));
}

function successful(reply: HashReply): HashReply {
  if (reply.type !== 'failed') return reply;
  throw Object.assign(new Error(reply.message), { name: reply.name });
}

function unreadable(): never {
  throw new LostWorker('The worker sent a message that cannot be deserialized.');
}

function crashed(event: ErrorEvent): never {
  // Reported as an error of the observable, so not as one of the page.
  event.preventDefault();
  throw new LostWorker('The worker could not be started, or it crashed.');
}

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
      // A copy, since transferring detaches the buffer and the body is still to be sent. `slice` of a Node Buffer would not copy it.
      const bytes = new Uint8Array(piece);
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

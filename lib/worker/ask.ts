import { defer, EMPTY, fromEvent, map, merge, take, type Observable } from 'rxjs';
import type { HashReply, HashRequest } from './messages.js';

/** A `Worker`, as far as it is needed here. */
export type HashWorker = Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener' | 'removeEventListener'>;

/**
 * Asks a worker and waits for its one reply; a reply that tells of a failure is an error, and so is a crash.
 * @param request - null: nothing, only the first word of a new worker is waited for
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
  throw new Error('The worker said something that cannot be read.');
}

function crashed(event: ErrorEvent): never {
  // It is told from here on, and no error of the page.
  event.preventDefault();
  throw new Error('The worker could not be started, or it crashed.');
}

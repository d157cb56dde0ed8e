import { defer, EMPTY, fromEvent, map, merge, take, type Observable } from 'rxjs';
import type { HashReply, HashRequest } from './messages.js';

/** The part of `Worker` that is used. */
export type HashWorker = Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener' | 'removeEventListener'>;

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
  throw new Error('The worker sent a message that cannot be deserialized.');
}

function crashed(event: ErrorEvent): never {
  // Reported as an error of the observable, so not as one of the page.
  event.preventDefault();
  throw new Error('The worker could not be started, or it crashed.');
}

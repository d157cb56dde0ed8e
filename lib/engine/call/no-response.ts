import {
  catchError,
  concat,
  defaultIfEmpty,
  EMPTY,
  defer,
  every,
  filter,
  finalize,
  first,
  ignoreElements,
  map,
  of,
  race,
  switchMap,
  takeUntil,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { mapError } from '../../map-error.js';
import { NetworkError, SigningError } from '../../model/errors/errors.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadWaiting } from '../../model/upload/event.js';
import type { TransportEvent } from '../../ports/transport/transport.js';
import { firstValue$ } from '../../ports/from-port.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import { isSuccess, serviceErrorOf } from '../../protocol/response/response.js';
import { monotonicNow } from '../../time.js';
import type { CallContext } from '../upload.js';
import { openRecord } from './open-record.js';

/** A browser's online events and its failing requests arrive within this time of each other. */
const SETTLE_MS = 250;

/** The browser may be wrong about being offline, so a request is tried after this time anyway. */
const TRY_OFFLINE_MS = 30_000;

/** Emits whether the network is available: true unless `online$` emits false within a moment. */
export function isOnline$(online$: Observable<boolean>): Observable<boolean> {
  return online$.pipe(
    catchError(() => EMPTY),
    takeUntil(timer(SETTLE_MS)),
    every((online) => online),
  );
}

/**
 * Emits `waiting`, and completes when the network is back, or after a while, since the browser may be wrong. Fails with
 * the error if `online$` ends first.
 */
export function untilOnline$(online$: Observable<boolean>, error: UploadError): Observable<UploadWaiting> {
  const back$ = online$.pipe(
    switchMap((online) => (online ? timer(SETTLE_MS) : EMPTY)),
    first(),
    mapError(() => error),
  );
  return concat(
    of({ type: 'waiting', reason: 'offline' } as const),
    race(back$, timer(TRY_OFFLINE_MS)).pipe(ignoreElements()),
  );
}

/**
 * Some stores (Ceph) refuse a signature without CORS headers, so that a page sees only a network error. Emits whether
 * that may be the cause of lost requests: nothing has succeeded yet, and the response to an unsigned HEAD of the key can be
 * read. It shows only that the network works now, so the request has to be lost once more.
 */
export function mayBeMasked$(context: CallContext): Observable<boolean> {
  const { shared, address, clock, fairnessKey, stallTimeoutMs } = context;
  const { transport, pool } = shared;
  if (transport.hidesAnswers !== true || pool.hasSucceeded()) return of(false);
  const head = { operation: 'headObject', partNumber: null, body: null } as const;
  const unsigned = { method: 'HEAD', url: address.url, headers: {}, body: null, bypassCache: true } as const;
  const queuedAt = monotonicNow();
  const response$ = defer(() => {
    const record = openRecord(context, head, { attempt: 1, queuedMs: monotonicNow() - queuedAt });
    const silent = (): NetworkError => {
      const error = new NetworkError('stalled', 'HEAD had no response.');
      record.failed(error);
      return error;
    };
    const sent$ = transport.send(unsigned).pipe(
      tap({
        next: (event) => {
          if (event.type !== 'response') return;
          const { response } = event;
          if (isSuccess(response)) record.succeeded(response);
          else record.failed(serviceErrorOf(response, { ...head, now: clock.now(), sent: unsigned }), response);
        },
        error: (error: unknown) => record.failed(error),
      }),
      filter(isReadableResponse),
      finalize(record.aborted),
    );
    return firstValue$(() => sent$, { port: 'transport', withinMs: stallTimeoutMs, silent, empty: null });
  });
  return pool.run(fairnessKey, 'control', response$).pipe(
    map(() => true),
    catchError(() => of(false)),
    defaultIfEmpty(false),
  );
}

/** A redirect leads away from the service, so it says nothing about the signature. */
function isReadableResponse(event: TransportEvent): boolean {
  return event.type === 'response' && event.response.redirected !== true;
}

export function maskedRefusalError({ operation, partNumber }: ObsRequest): SigningError {
  return new SigningError(
    'credentials',
    'The service can be reached, but this page may not read its responses to signed requests. Either the CORS rule of ' +
      "the bucket lacks the request's method or a header, or the signature is refused: check clock, credentials and token.",
    { operation, partNumber },
  );
}

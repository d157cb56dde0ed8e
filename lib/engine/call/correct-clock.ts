import { catchError, defer, map, of, switchMap, take, throwError, throwIfEmpty, EMPTY, type Observable } from 'rxjs';
import type { ServiceError } from '../../model/errors/service-error.js';
import { SigningError } from '../../model/errors/signing-error.js';
import type { CallContext } from './call-context.js';
import { deferOpen } from './defer-open.js';
import { watchdog } from './watchdog.js';

/**
 * Completes when the clock has been put right after the service refused it: by the time that its answer tells, else by
 * the application's `serverTime`. Fails with a `SigningError` when nothing tells the time.
 */
export function correctClock$(
  context: CallContext,
  refused: ServiceError,
  signedAtOffset: number | null,
): Observable<never> {
  const { clock } = context.shared;
  return defer(() => {
    // Another request has put it right meanwhile.
    if (clock.offsetMs !== signedAtOffset) return EMPTY;
    if (refused.serverTime !== null && clock.learn(refused.serverTime)) return EMPTY;
    return askTheTime$(context).pipe(switchMap((learned) => (learned ? EMPTY : throwError(() => clockSkew(refused)))));
  });
}

/** Whether the application's `serverTime` has put the clock right; false where it cannot or was right already. */
export function askTheTime$({ shared: { clock, serverTime$ }, stallTimeoutMs }: CallContext): Observable<boolean> {
  if (serverTime$ === null) return of(false);
  return deferOpen(() => serverTime$).pipe(
    take(1),
    throwIfEmpty(),
    watchdog(stallTimeoutMs, () => new Error('serverTime gave no answer.')),
    map((time) => clock.learn(time)),
    catchError(() => of(false)),
  );
}

/** Nothing tells the time, or what told it was no better. */
export function clockSkew(refused: ServiceError): SigningError {
  return new SigningError(
    'clock-skew',
    "The service refuses this machine's clock and nothing tells the right time. Set the clock, pass serverTime, or " +
      'expose the Date header in the CORS rule of the bucket.',
    { operation: refused.operation, partNumber: refused.partNumber, cause: refused },
  );
}

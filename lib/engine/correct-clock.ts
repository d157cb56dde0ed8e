import {
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  map,
  of,
  take,
  tap,
  throwError,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import type { ServiceError } from '../errors/service-error.js';
import { SigningError } from '../errors/signing-error.js';
import type { CallContext } from './call-context.js';
import { deferOpen } from './defer-open.js';
import { watchdog } from './watchdog.js';

/**
 * Completes when the clock has been put right after the service refused it: by the time that its answer tells, else by
 * the application's `serverTime`. Fails with a `SigningError` when nothing tells the time.
 */
export function correctClock$(
  { shared, stallTimeoutMs }: CallContext,
  refused: ServiceError,
  signedAtOffset: number | null,
): Observable<never> {
  const { clock, serverTime$ } = shared;
  const unknown = (): SigningError =>
    new SigningError(
      'clock-skew',
      "The service refuses this machine's clock and nothing tells the right time. Set the clock, pass serverTime, or " +
        'expose the Date header in the CORS rule of the bucket.',
      { operation: refused.operation, partNumber: refused.partNumber, cause: refused },
    );
  return defer(() => {
    // Another request has put it right meanwhile.
    if (clock.offsetMs !== signedAtOffset) return EMPTY;
    if (refused.serverTime !== null && clock.learn(refused.serverTime)) return EMPTY;
    if (serverTime$ === null) return throwError(unknown);
    return deferOpen(() => serverTime$).pipe(
      take(1),
      watchdog(stallTimeoutMs, unknown),
      map((time) => clock.learn(time)),
      throwIfEmpty(unknown),
      catchError(() => of(false)),
      tap((learned) => {
        if (!learned) throw unknown();
      }),
      ignoreElements(),
    );
  });
}

import { catchError, defer, EMPTY, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { UploadError } from '../../model/errors/upload-error.js';
import { ServiceError } from '../../model/errors/service-error.js';
import { firstValue$ } from '../../ports/first-value.js';
import type { CallContext } from './context.js';
import { clockSkewError } from './decide.js';

/**
 * Completes when the clock has been corrected after the service refused it: by the time in its response, or by the
 * application's `serverTime`. Fails with a `SigningError` where neither gives the time.
 */
export function correctClock$(
  context: CallContext,
  refused: UploadError,
  signedAtOffset: number | null,
): Observable<never> {
  const { clock } = context.shared;
  return defer(() => {
    // Another request has corrected it in the meantime.
    if (clock.offsetMs !== signedAtOffset) return EMPTY;
    const serverTime = refused instanceof ServiceError ? refused.serverTime : null;
    if (serverTime !== null && clock.learn(serverTime)) return EMPTY;
    return learnTime$(context).pipe(
      switchMap((learned) => (learned ? EMPTY : throwError(() => clockSkewError(refused)))),
    );
  });
}

/** Whether the application's `serverTime` has corrected the clock; false where it cannot, or the clock was right. */
export function learnTime$({ shared: { clock, serverTime$ }, stallTimeoutMs }: CallContext): Observable<boolean> {
  if (serverTime$ === null) return of(false);
  const silent = (): Error => new Error('serverTime did not respond.');
  const empty = (): Error => new Error('serverTime completed without a value.');
  return firstValue$(() => serverTime$, { port: 'serverTime', withinMs: stallTimeoutMs, silent, empty }).pipe(
    map((time) => clock.learn(time)),
    catchError(() => of(false)),
  );
}

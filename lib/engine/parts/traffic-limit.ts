import { EMPTY, map, Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { toObservable } from '../../ports/from-port.js';
import { requireTrafficLimit, type TrafficLimit } from '../../validation/dialect-options.js';

/** Bits a second for a request that starts now; null: unlimited. */
export type CurrentLimit = () => number | null;

/** Follows `trafficLimit` for as long as `send` runs. */
export function withTrafficLimit<T>(
  trafficLimit: TrafficLimit,
  send: (limit: CurrentLimit) => Observable<T>,
): Observable<T> {
  if (trafficLimit === null || typeof trafficLimit === 'number') return send(() => trafficLimit);
  return new Observable((subscriber) => {
    let last: number | null = null;
    const limit$ = toObservable(trafficLimit).pipe(
      mapError(() => new InvalidOptionsError('trafficLimit', 'trafficLimit failed: the limit is unknown.')),
      map(requireTrafficLimit),
    );
    subscriber.add(
      limit$.subscribe({ next: (limit) => (last = limit), error: (error: unknown) => subscriber.error(error) }),
    );
    subscriber.add((subscriber.closed ? EMPTY : send(() => last)).subscribe(subscriber));
  });
}

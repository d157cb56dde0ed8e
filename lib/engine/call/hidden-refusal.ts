import { catchError, EMPTY, filter, of, switchMap, take, throwError, type Observable } from 'rxjs';
import { SigningError } from '../../model/errors/signing-error.js';
import { urlOf } from '../../protocol/endpoint.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import type { CallContext } from './call-context.js';
import { deferOpen } from './defer-open.js';
import { watchdog } from './watchdog.js';

/**
 * Some stores (Ceph) refuse a signature without CORS headers, so that a page sees no more than a network error. Where
 * nothing has succeeded yet, an unsigned HEAD of the key tells the two apart: when that can be read, the network is fine
 * and the signature is not. Fails with a `SigningError` then, else completes.
 */
export function findHiddenRefusal$(context: CallContext, request: ObsRequest): Observable<never> {
  const { shared, owner, stallTimeoutMs } = context;
  const { transport, pool, endpoint } = shared;
  if (transport.hidesAnswers !== true || pool.hasSucceeded()) return EMPTY;
  const unsigned = { method: 'HEAD', url: urlOf(endpoint, request, []), headers: {}, body: null } as const;
  const asked$ = deferOpen(() => transport.send(unsigned)).pipe(
    watchdog(stallTimeoutMs, () => new Error('HEAD gave no answer.')),
  );
  return pool.run(owner, 'control', asked$).pipe(
    filter((event) => event.type === 'response'),
    take(1),
    catchError(() => of(null)),
    switchMap((answer) => (answer === null ? EMPTY : throwError(() => hiddenRefusal(request)))),
  );
}

function hiddenRefusal({ operation, partNumber }: ObsRequest): SigningError {
  return new SigningError(
    'credentials',
    'The service can be reached, but this page may not read what it says of signed requests. Most likely it refuses ' +
      "the signature: check this machine's clock, the keys and the security token.",
    { operation, partNumber },
  );
}

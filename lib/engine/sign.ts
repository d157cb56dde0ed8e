import { catchError, from, map, switchMap, take, throwError, throwIfEmpty, type Observable } from 'rxjs';
import { isUploadError } from '../errors/is-upload-error.js';
import { NetworkError } from '../errors/network-error.js';
import { SigningError } from '../errors/signing-error.js';
import { requireSigned } from '../input/require-signed.js';
import type { ObsCredentials } from '../model/credentials.js';
import { resourceOf, urlOf } from '../protocol/endpoint.js';
import { sizeOfBody, type ObsRequest } from '../protocol/obs-request.js';
import type { SignedRequest } from '../signing/signer.js';
import type { CallContext } from './call-context.js';
import { deferOpen } from './defer-open.js';
import { watchdog } from './watchdog.js';

/** A signed request and the keys that it was signed with. */
export interface Signature {
  readonly signed: SignedRequest;
  readonly credentials: ObsCredentials;
  /** What was known of the service's clock then. */
  readonly offsetMs: number | null;
  /** The signature is in the URL, with an end of its own. */
  readonly inUrl: boolean;
}

/** Signs a request with the keys and the time of now. */
export function sign$({ shared, clock, stallTimeoutMs }: CallContext, request: ObsRequest): Observable<Signature> {
  const { endpoint, signer, credentials } = shared;
  const unsigned = {
    operation: request.operation,
    method: request.method,
    url: urlOf(endpoint, request, request.query),
    headers: request.headers,
    bucket: request.bucket,
    key: request.key,
    uploadId: request.uploadId,
    partNumber: request.partNumber,
    size: request.body === null ? null : sizeOfBody(request.body),
  };
  return deferOpen(() => credentials.current$).pipe(
    switchMap((keys) => {
      const { offsetMs } = shared.clock;
      const context = {
        credentials: keys,
        date: clock.now(),
        resource: resourceOf(endpoint, request),
        body: request.body instanceof Uint8Array ? request.body : null,
      };
      return deferOpen(() => from(signer.sign(unsigned, context))).pipe(
        map((answer) => requireSigned(answer, unsigned, endpoint)),
        map((signed) => ({ signed, credentials: keys, offsetMs, inUrl: signed.url !== unsigned.url })),
      );
    }),
    take(1),
    throwIfEmpty(() => new SigningError('credentials', 'The signer gave nothing.')),
    watchdog(stallTimeoutMs, () => stalled(request)),
    catchError((cause: unknown) => throwError(() => asSigningError(cause))),
  );
}

function stalled({ operation }: ObsRequest): NetworkError {
  return new NetworkError(
    'stalled',
    `Signing ${operation} took too long: the credentials or the signer gave no answer.`,
    {
      retryable: true,
    },
  );
}

function asSigningError(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  return new SigningError('credentials', 'The signer failed, so nothing could be sent.', { retryable: true, cause });
}

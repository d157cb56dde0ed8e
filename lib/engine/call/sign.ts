import { catchError, from, map, switchMap, take, throwError, throwIfEmpty, type Observable } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { NetworkError } from '../../model/errors/network-error.js';
import { SigningError } from '../../model/errors/signing-error.js';
import { requireSigned } from '../../signing/require-signed.js';
import type { ObsCredentials } from '../../model/credentials.js';
import { resourceOf, urlOf, type Endpoint } from '../../protocol/endpoint.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import type { SignedRequest, UnsignedRequest } from '../../signing/signer.js';
import type { CallContext } from './call-context.js';
import { deferOpen } from './defer-open.js';
import { watchdog } from './watchdog.js';

/** A signed request and the keys that it was signed with. */
export interface Signature {
  readonly signed: SignedRequest;
  readonly credentials: ObsCredentials;
  /** What was known of the service's clock then. */
  readonly offsetMs: number | null;
  /** It is in the URL, or a backend's: it expires by itself, which says nothing of the clock. */
  readonly expiresByItself: boolean;
}

/** What the same upload sends next, at most so many: a backend can sign that in the same go. */
export type Upcoming = (most: number) => readonly ObsRequest[];

/** Signs a request with the keys and the time of now. */
export function sign$(
  { shared, clock, owner, stallTimeoutMs }: CallContext,
  request: ObsRequest,
  upcoming: Upcoming,
): Observable<Signature> {
  const { endpoint, signer, credentials, allowedHosts } = shared;
  const unsigned = unsignedOf(request, endpoint);
  const next = (most: number): UnsignedRequest[] => upcoming(most).map((later) => unsignedOf(later, endpoint));
  return deferOpen(() => credentials.current$).pipe(
    switchMap((keys) => {
      const { offsetMs } = shared.clock;
      const context = {
        credentials: keys,
        date: clock.now(),
        resource: resourceOf(endpoint, request),
        body: request.body instanceof Uint8Array ? request.body : null,
      };
      return deferOpen(() => from(signer.sign(unsigned, context, { owner, next }))).pipe(
        map((answer) => {
          const signed = requireSigned(answer, unsigned, endpoint, allowedHosts);
          const expiresByItself = signer.isRemote === true || signed.url !== unsigned.url;
          return { signed, credentials: keys, offsetMs, expiresByItself };
        }),
      );
    }),
    take(1),
    throwIfEmpty(() => new SigningError('credentials', 'The signer gave nothing.')),
    watchdog(stallTimeoutMs, () => stalled(request)),
    catchError((cause: unknown) => throwError(() => asSigningError(cause))),
  );
}

function unsignedOf(request: ObsRequest, endpoint: Endpoint): UnsignedRequest {
  const { operation, method, headers, bucket, key, uploadId, partNumber, body } = request;
  const url = urlOf(endpoint, request, request.query);
  const size = body === null ? null : sizeOfBody(body);
  return { operation, method, url, headers, bucket, key, uploadId, partNumber, size };
}

function stalled({ operation }: ObsRequest): NetworkError {
  return new NetworkError(
    'stalled',
    `Signing ${operation} took too long: the credentials, the signer or presign gave no answer.`,
    { retryable: true },
  );
}

function asSigningError(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  return new SigningError('credentials', 'The signer failed, so nothing could be sent.', { retryable: true, cause });
}

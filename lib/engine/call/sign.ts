import { isObservable, map, switchMap, type Observable, type ObservableInput, type Subscriber } from 'rxjs';
import { mapError } from '../../map-error.js';
import type { ObsCredentials } from '../../model/credentials.js';
import { isBytes } from '../../model/kinds.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { NetworkError, SigningError } from '../../model/errors/errors.js';
import { firstValue$, toObservable } from '../../ports/from-port.js';
import { wallNow } from '../../time.js';
import { withQuery, type Address } from '../../protocol/request/endpoint.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import { requireSigned } from '../../signing/require-signed.js';
import type { SignedRequest, UnsignedRequest } from '../../signing/signer.js';
import type { CallContext } from '../upload.js';

/** A signed request and the credentials that it was signed with. */
export interface Signature {
  readonly signed: SignedRequest;
  readonly credentials: ObsCredentials;
  /** The known offset of the service's clock at that time. */
  readonly offsetMs: number | null;
  /** epoch milliseconds, by the machine's clock */
  readonly signedAt: number;
  /** Signed in the URL or by a backend: an expired signature is then no evidence of a wrong clock. */
  readonly expiresByItself: boolean;
}

/** The next requests of the same upload, at most `limit`: a backend can sign them in the same batch. */
export type Upcoming = (limit: number) => readonly ObsRequest[];

/**
 * Signs a request with the current credentials and time. Where credentials are cached and the signer returns an array,
 * as the signers of this library do, the signature itself is returned, synchronously.
 * @throws SigningError
 */
function sign(context: CallContext, request: ObsRequest, upcoming: Upcoming): Signature | Observable<Signature> {
  const { credentials } = context.shared;
  const unsigned = unsignedOf(request, context.address);
  const signatureBy = (used: ObsCredentials) => (result: unknown) => accept(context, unsigned, used, result);
  try {
    const cached = credentials.held();
    if (cached === null) {
      return watched$(context, request, () =>
        credentials
          .current$(context.stallTimeoutMs)
          .pipe(
            switchMap((fetched) =>
              toObservable(callSigner(context, request, unsigned, fetched, upcoming)).pipe(map(signatureBy(fetched))),
            ),
          ),
      );
    }
    const result = callSigner(context, request, unsigned, cached, upcoming);
    if (Array.isArray(result) && result.length > 0) return signatureBy(cached)(result[0]);
    return watched$(context, request, () => toObservable(result).pipe(map(signatureBy(cached))));
  } catch (cause) {
    throw asSigningError(cause);
  }
}

/** Signs and passes the signature on, at once if that is possible; failures go to the subscriber. */
export function withSignature<T>(
  context: CallContext,
  request: ObsRequest,
  upcoming: Upcoming,
  subscriber: Subscriber<T>,
  next: (signature: Signature) => void,
): void {
  let signature: ReturnType<typeof sign>;
  try {
    signature = sign(context, request, upcoming);
  } catch (error) {
    subscriber.error(error);
    return;
  }
  // The application's functions may have unsubscribed: a permit would be given back twice.
  const pass = (signed: Signature): void => {
    if (!subscriber.closed) next(signed);
  };
  if (!isObservable(signature)) return pass(signature);
  subscriber.add(signature.subscribe({ next: pass, error: (error: unknown) => subscriber.error(error) }));
}

function callSigner(
  { shared: { signer }, address, clock, fairnessKey }: CallContext,
  request: ObsRequest,
  unsigned: UnsignedRequest,
  credentials: ObsCredentials,
  upcoming: Upcoming,
): ObservableInput<SignedRequest> {
  const next = (limit: number): UnsignedRequest[] => upcoming(limit).map((later) => unsignedOf(later, address));
  const body = isBytes(request.body) ? request.body : null;
  const context = { credentials, date: clock.now(), resource: address.resource, body };
  return signer.sign(unsigned, context, { fairnessKey, next });
}

function accept(
  { shared: { endpoint, allowedHosts, signer, clock } }: CallContext,
  unsigned: UnsignedRequest,
  credentials: ObsCredentials,
  result: unknown,
): Signature {
  const signed = requireSigned(result, unsigned, endpoint, allowedHosts);
  const expiresByItself = signer.isRemote === true || signed.url !== unsigned.url;
  return { signed, credentials, offsetMs: clock.offsetMs, signedAt: wallNow(), expiresByItself };
}

function watched$(
  { stallTimeoutMs }: CallContext,
  { operation }: ObsRequest,
  signature: () => Observable<Signature>,
): Observable<Signature> {
  const silent = (): NetworkError =>
    new NetworkError(
      'stalled',
      `Signing ${operation} took too long: the credentials, the signer or presign did not respond.`,
      { retryable: true },
    );
  const empty = (): SigningError => new SigningError('credentials', 'The signer completed without a signature.');
  return firstValue$(signature, { port: 'signer', withinMs: stallTimeoutMs, silent, empty }).pipe(
    mapError(asSigningError),
  );
}

function unsignedOf(request: ObsRequest, address: Address): UnsignedRequest {
  const { operation, method, headers, bucket, key, uploadId, partNumber, body } = request;
  const url = withQuery(address.url, request.query);
  const size = body === null ? null : sizeOfBody(body);
  return { operation, method, url, headers, bucket, key, uploadId, partNumber, size };
}

function asSigningError(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  return new SigningError('credentials', 'The signer failed, so nothing could be sent.', { retryable: true, cause });
}

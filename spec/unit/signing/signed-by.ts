import { from } from 'rxjs';
import type { ObsRequest } from '../../../lib/protocol/obs-request.js';
import { sizeOfBody } from '../../../lib/protocol/obs-request.js';
import { resourceOf, urlOf, type Endpoint } from '../../../lib/protocol/request/endpoint.js';
import type { SignedRequest, Signer, SigningContext, UnsignedRequest } from '../../../lib/signing/signer.js';

/** Signs a request, and throws if the signer is not synchronous. */
export function signedBy(signer: Signer, request: UnsignedRequest, context: SigningContext): SignedRequest {
  const results: SignedRequest[] = [];
  from(signer.sign(request, context)).subscribe((signed) => results.push(signed));
  const [signed] = results;
  if (signed === undefined) throw new Error('not signed synchronously');
  return signed;
}

/** A request as the engine passes it to a signer. */
export function unsigned(endpoint: Endpoint, request: ObsRequest): UnsignedRequest & { readonly resource: string } {
  return {
    operation: request.operation,
    method: request.method,
    url: urlOf(endpoint, request, request.query),
    headers: request.headers,
    bucket: request.bucket,
    key: request.key,
    uploadId: request.uploadId,
    partNumber: request.partNumber,
    size: request.body === null ? null : sizeOfBody(request.body),
    resource: resourceOf(endpoint, request),
  };
}

/** An unsigned request of which only method, URL and headers matter. */
export function plainRequest(
  method: UnsignedRequest['method'],
  url: string,
  headers: Readonly<Record<string, string>>,
): UnsignedRequest {
  return {
    operation: 'headObject',
    method,
    url,
    headers,
    bucket: 'bucket',
    key: 'key',
    uploadId: null,
    partNumber: null,
    size: null,
  };
}

import { from } from 'rxjs';
import type { ObsRequest } from '../../../lib/protocol/obs-request.js';
import { sizeOfBody } from '../../../lib/protocol/obs-request.js';
import { resourceOf, urlOf, type Endpoint } from '../../../lib/protocol/endpoint.js';
import type { SignedRequest, Signer, SigningContext, UnsignedRequest } from '../../../lib/signing/signer.js';

/** Signs, and insists on having the result at once. */
export function signedBy(signer: Signer, request: UnsignedRequest, context: SigningContext): SignedRequest {
  const seen: SignedRequest[] = [];
  from(signer.sign(request, context)).subscribe((signed) => seen.push(signed));
  const [signed] = seen;
  if (signed === undefined) throw new Error('not signed synchronously');
  return signed;
}

/** A call as the engine hands it to a signer. */
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

/** Such a request where only method, address and headers matter. */
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

import { resourceOf, type Addressing, type Endpoint } from '../../../lib/protocol/request/endpoint.js';
import type { QueryParameter } from '../../../lib/protocol/obs-request.js';
import type { SignedRequest, Signer, UnsignedRequest } from '../../../lib/signing/signer.js';
import type { SignatureVector } from '../../support/signature-vectors.js';
import { plainRequest, signedBy } from './signed-by.js';

/** The vectors with their names, for `it.each`. */
export function named(vectors: readonly SignatureVector[]): [string, SignatureVector][] {
  return vectors.map((vector) => [vector.name, vector]);
}

/** Signs the request of a vector, without the headers that the signer adds itself. */
export function signVector(signer: Signer, vector: SignatureVector): SignedRequest {
  const added = /^x-(?:obs|amz)-(?:date|security-token)$/;
  const headers = Object.entries(vector.request.headers).filter(([name]) => !added.test(name));
  const { method, url } = vector.request;
  return signedBy(signer, plainRequest(method as UnsignedRequest['method'], url, Object.fromEntries(headers)), {
    credentials: vector.input,
    date: Date.parse(vector.input.date),
    resource: resourceOf(endpointOf(vector), targetOf(vector)),
  });
}

/** A list of uploads is requested from the bucket. */
export function targetOf({ input }: SignatureVector): { readonly bucket: string; readonly key: string | null } {
  return { bucket: input.bucket, key: input.operation === 'listMultipartUploads' ? null : input.key };
}

export function endpointOf({ name, input }: SignatureVector): Endpoint {
  const server = new URL(input.server);
  return { protocol: server.protocol as Endpoint['protocol'], host: server.host, addressing: addressingOf(name) };
}

function addressingOf(name: string): Addressing {
  if (name.startsWith('pathstyle')) return 'path';
  return name.startsWith('cname') ? 'cname' : 'virtual-hosted';
}

export function parametersOf(url: string): QueryParameter[] {
  const query = url.split('?')[1];
  return (query?.split('&') ?? []).map((parameter) => {
    const [name = '', value] = parameter.split('=');
    return [name, value === undefined ? null : decodeURIComponent(value)];
  });
}

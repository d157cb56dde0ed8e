import type { Observable } from 'rxjs';
import { from } from 'rxjs';
import { resourceOf, urlOf, type Addressing, type Endpoint, type Target } from '../../lib/protocol/endpoint.js';
import type { QueryParameter } from '../../lib/protocol/obs-request.js';
import { obsSigner } from '../../lib/signing/obs-signer.js';
import type { SignedRequest, UnsignedRequest } from '../../lib/signing/signer.js';
import { stringToSign } from '../../lib/signing/string-to-sign.js';
import { vectorsOf, type SignatureVector } from '../support/signature-vectors.js';

/** All vectors under `obs`; the SDK falls back to another signature for path-style and custom domains. */
const vectors = vectorsOf('obs');
const signedAsObs = vectors.filter((vector) => vector.expected.authorization.startsWith('OBS '));

describe('obsSigner', () => {
  it.each(signedAsObs.map((vector) => [vector.name, vector] as const))(
    'signs %s as the official SDK does',
    (_, vector) => {
      const { authorization, date } = sign(vector);
      expect(authorization).toBe(vector.expected.authorization);
      expect(date).toBe(vector.input.date);
    },
  );

  it('has seen temporary credentials among them', () => {
    expect(signedAsObs.filter((vector) => vector.input.securityToken !== null).length).toBeGreaterThan(4);
  });

  it('changes its signature with any byte of the secret', () => {
    const vector = signedAsObs[0] as SignatureVector;
    const other = sign({ ...vector, input: { ...vector.input, secretAccessKey: `${vector.input.secretAccessKey}x` } });
    expect(other.authorization).not.toBe(vector.expected.authorization);
  });

  it('tells until when the service takes the signature', () => {
    const vector = signedAsObs[0] as SignatureVector;
    expect(sign(vector).expiresAt).toBe(Date.parse(vector.input.date) + 15 * 60_000);
  });
});

describe('urlOf and resourceOf', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    'address %s as the official SDK does',
    (_, vector) => {
      const endpoint = endpointOf(vector);
      const [address, query] = vector.request.url.split('?');
      const url = urlOf(endpoint, targetOf(vector), parametersOf(query));
      expect(url.split('?')[0]).toBe(address);
      expect(decodeURIComponent(url)).toBe(decodeURIComponent(vector.request.url));
    },
  );

  it.each(['pathstyle(obs->v2)/initiate', 'cname(obs->v2)/initiate'])('name the resource of %s', (name) => {
    const vector = vectors.find((candidate) => candidate.name === name) as SignatureVector;
    const path = vector.expected.stringToSign.split('\n').at(-1)?.split('?')[0];
    expect(resourceOf(endpointOf(vector), vector.input)).toBe(path);
  });

  it.each(signedAsObs.map((vector) => [vector.name, vector] as const))('give the string to sign of %s', (_, vector) => {
    const resource = resourceOf(endpointOf(vector), targetOf(vector));
    expect(stringToSign(vector.request, 'x-obs-', resource, '')).toBe(vector.expected.stringToSign);
  });
});

function sign(vector: SignatureVector): { authorization: string; date: string; expiresAt: number | null } {
  const { 'x-obs-date': _date, 'x-obs-security-token': _token, ...headers } = vector.request.headers;
  const request: UnsignedRequest = {
    operation: 'headObject',
    method: vector.request.method as UnsignedRequest['method'],
    url: vector.request.url,
    headers,
    bucket: vector.input.bucket,
    key: vector.input.key,
    uploadId: null,
    partNumber: null,
    size: null,
  };
  const signed$: Observable<SignedRequest> = from(
    obsSigner().sign(request, {
      credentials: vector.input,
      date: Date.parse(vector.input.date),
      resource: resourceOf(endpointOf(vector), targetOf(vector)),
    }),
  );
  const seen: SignedRequest[] = [];
  signed$.subscribe((signed) => seen.push(signed));
  const [signed] = seen;
  if (signed === undefined) throw new Error('not signed synchronously');
  return {
    authorization: signed.headers.Authorization ?? '',
    date: signed.headers['x-obs-date'] ?? '',
    expiresAt: signed.expiresAt,
  };
}

/** Listing uploads asks the bucket. */
function targetOf({ input }: SignatureVector): Target {
  return { bucket: input.bucket, key: input.operation === 'listMultipartUploads' ? null : input.key };
}

function endpointOf({ name, input }: SignatureVector): Endpoint {
  const server = new URL(input.server);
  const addressing: Addressing = name.startsWith('pathstyle')
    ? 'path'
    : name.startsWith('cname')
      ? 'cname'
      : 'virtual-hosted';
  return { protocol: server.protocol as Endpoint['protocol'], host: server.host, addressing };
}

function parametersOf(query: string | undefined): QueryParameter[] {
  if (query === undefined) return [];
  return query.split('&').map((parameter) => {
    const [name = '', value] = parameter.split('=');
    return [name, value === undefined ? null : decodeURIComponent(value)];
  });
}

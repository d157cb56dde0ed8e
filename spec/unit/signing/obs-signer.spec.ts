import { obsSigner } from '../../../lib/signing/v2.js';
import { stringToSign } from '../../../lib/signing/v2.js';
import type { SignableRequest } from '../../../lib/signing/signer.js';
import { resourceOf, urlOf } from '../../../lib/protocol/request/endpoint.js';
import { vectorsOf, type SignatureVector } from '../../support/signature-vectors.js';
import { endpointOf, named, parametersOf, signVector, targetOf } from './header-vectors.js';

/** All vectors under `obs`; the SDK falls back to version 2 for path-style and custom domains. */
const vectors = vectorsOf('obs');
const signedAsObs = vectors.filter((vector) => vector.expected.authorization.startsWith('OBS '));

describe('obsSigner', () => {
  it.each(named(signedAsObs))('signs %s as the official SDK does', (_, vector) => {
    const { headers } = signVector(obsSigner(), vector);
    expect(headers.Authorization).toBe(vector.expected.authorization);
    expect(headers).toMatchObject(vector.request.headers);
  });

  it('is tested with temporary credentials too', () => {
    expect(signedAsObs.filter((vector) => vector.input.securityToken !== null).length).toBeGreaterThan(4);
  });

  it('reports when the signature expires', () => {
    const vector = signedAsObs[0] as SignatureVector;
    expect(signVector(obsSigner(), vector).expiresAt).toBe(Date.parse(vector.input.date) + 15 * 60_000);
  });

  it('changes nothing else in the request', () => {
    const vector = signedAsObs[0] as SignatureVector;
    const { url, headers } = signVector(obsSigner(), vector);
    expect(url).toBe(vector.request.url);
    expect(Object.keys(headers).sort()).toEqual([...Object.keys(vector.request.headers), 'Authorization'].sort());
  });
});

describe('urlOf and resourceOf', () => {
  it.each(named(vectors))('address %s as the official SDK does', (_, vector) => {
    const url = urlOf(endpointOf(vector), targetOf(vector), parametersOf(vector.request.url));
    expect(url.split('?')[0]).toBe(vector.request.url.split('?')[0]);
    expect(decodeURIComponent(url)).toBe(decodeURIComponent(vector.request.url));
  });

  it.each(named(vectors))('return the resource of %s', (_, vector) => {
    const resource = vector.expected.stringToSign.split('\n').at(-1)?.split('?')[0];
    expect(resourceOf(endpointOf(vector), targetOf(vector))).toBe(resource);
  });
});

describe('stringToSign', () => {
  it.each(named([...vectors, ...vectorsOf('v2')]))('returns the text of %s', (_, vector) => {
    const prefix = vector.expected.authorization.startsWith('OBS ') ? 'x-obs-' : 'x-amz-';
    const resource = resourceOf(endpointOf(vector), targetOf(vector));
    const text = stringToSign(vector.request as SignableRequest, prefix, resource, '');
    expect(text).toBe(vector.expected.stringToSign);
  });

  it('ignores the case of header names, the order of parameters and spaces around values', () => {
    const headers = {
      'x-obs-meta-b': ' 2 ',
      'X-Obs-Meta-A': '1',
      'CONTENT-TYPE': 'text/plain',
      'x-amz-acl': 'private',
    };
    const request: SignableRequest = {
      method: 'PUT',
      url: 'https://b.test/k?uploadId=a%2Fb%3D&z=1&partNumber=2',
      headers,
    };
    expect(stringToSign(request, 'x-obs-', '/b/k', '7')).toBe(
      'PUT\n\ntext/plain\n7\nx-obs-meta-a:1\nx-obs-meta-b:2\n/b/k?partNumber=2&uploadId=a/b=',
    );
  });
});

import fc from 'fast-check';
import { createSignedUrl } from '../../../lib/create-signed-url.js';
import { InvalidOptionsError } from '../../../lib/model/errors/errors.js';
import { obsSigner } from '../../../lib/signing/v2.js';
import type { SignedUrlOptions } from '../../../lib/create-signed-url.js';
import type { UrlSigner } from '../../../lib/signing/signer.js';
import { v2Signer } from '../../../lib/signing/v2.js';
import { v4Signer } from '../../../lib/signing/v4.js';
import { queryVectors, type QueryVector } from './vectors.js';
import { expectedV4Signature } from './verify-v4.js';

const part: SignedUrlOptions = {
  server: 'https://obs.example.com',
  credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' },
  method: 'PUT',
  bucket: 'media',
  key: 'a b.mp4',
  query: { partNumber: 3, uploadId: '2~x/?#&=' },
  expiresInSeconds: 300,
  requestDate: '2024-01-02T03:04:05Z',
};
const signers: [string, UrlSigner][] = [
  ['obs', obsSigner()],
  ['v2', v2Signer()],
  ['v4', v4Signer({ region: 'eu-1' })],
];

describe('createSignedUrl', () => {
  describe.each([
    ['query-obs', obsSigner()],
    ['query-v2', v2Signer()],
  ] as const)('by %s', (signature, signer) => {
    it.each(queryVectors(signature))('signs %s as the official SDK does', (_, { input, expected }) => {
      const signed = createSignedUrl({ ...optionsOf(input), signer });
      expect(normalized(signed.url)).toEqual(normalized(expected.signedUrl));
      expect(signed.headers).toEqual(expected.signedHeaders);
      expect(signed.expiresAt).toBe((input.nowEpochSeconds + input.Expires) * 1000);
    });
  });

  it("signs the example of AWS's documentation by v4", () => {
    const { url } = createSignedUrl({
      server: 'https://s3.amazonaws.com',
      signer: v4Signer({ region: 'us-east-1' }),
      credentials: {
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
      method: 'GET',
      bucket: 'examplebucket',
      key: 'test.txt',
      expiresInSeconds: 86_400,
      requestDate: '2013-05-24T00:00:00Z',
    });
    expect(url).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
        '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
        '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
        '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  it('creates v4 URLs that an independent implementation verifies', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'binary', minLength: 1, maxLength: 40 })
          .filter((key) => !/(?:^|\/)\.{1,2}(?:\/|$)/.test(key)),
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.option(fc.string({ unit: 'binary', minLength: 1 })),
        fc.constantFrom('virtual-hosted', 'path', 'cname'),
        fc.constantFrom<SignedUrlOptions['query'][]>(
          { uploads: null },
          { uploadId: 'a b+/%=&', partNumber: 10_000 },
          {},
        ),
        fc.constantFrom({}, { 'Content-Type': 'text/plain', 'x-amz-meta-name': 'a  b' }),
        (key, secretAccessKey, securityToken, addressing, query = {}, headers) => {
          const signed = createSignedUrl({
            ...part,
            signer: v4Signer({ region: 'eu-1' }),
            credentials: { accessKeyId: 'AK', secretAccessKey, securityToken },
            addressing,
            key,
            query,
            headers,
          });
          const { searchParams } = new URL(signed.url);
          const received = { method: 'PUT', url: signed.url, headers: signed.headers };
          expect(searchParams.get('X-Amz-Signature')).toBe(expectedV4Signature(received, secretAccessKey));
          expect(searchParams.get('X-Amz-Security-Token')).toBe(securityToken);
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });

  describe.each(signers)('by %s', (_, signer) => {
    const signatureOf = (options: Partial<SignedUrlOptions>): string | undefined =>
      /Signature=([^&]+)$/.exec(createSignedUrl({ ...part, signer, ...options }).url)?.[1];

    it('covers the method, the address, the part, the upload, the token and the headers', () => {
      const { credentials } = part;
      const changed: Partial<SignedUrlOptions>[] = [
        {},
        { method: 'POST' },
        { bucket: 'medial' },
        { key: 'a b.mp3' },
        { query: { partNumber: 4, uploadId: '2~x/?#&=' } },
        { query: { partNumber: 3, uploadId: '2~x/?#&' } },
        { query: { partNumber: 3 } },
        { query: { uploads: null } },
        { expiresInSeconds: 301 },
        { headers: { 'Content-Type': 'text/html' } },
        { headers: { 'Content-MD5': 'XUFAKrxLKna5cZ2REBfFkg==' } },
        { headers: { [signer === signers[0]?.[1] ? 'x-obs-acl' : 'x-amz-acl']: 'private' } },
        { credentials: { ...credentials, securityToken: 't' } },
        { credentials: { ...credentials, secretAccessKey: 'SL' } },
      ];
      expect(new Set(changed.map(signatureOf)).size).toBe(changed.length);
    });

    it('leaves the parameters of the request readable in the URL', () => {
      const { searchParams, pathname, host } = new URL(createSignedUrl({ ...part, signer }).url);
      expect(searchParams.get('uploadId')).toBe('2~x/?#&=');
      expect(searchParams.get('partNumber')).toBe('3');
      expect([host, pathname]).toEqual(['media.obs.example.com', '/a%20b.mp4']);
    });

    it('expires no later than temporary credentials', () => {
      const date = Date.parse('2024-01-02T03:04:05Z');
      const expiryOf = (expiresAt: number | null): number | null =>
        createSignedUrl({ ...part, signer, credentials: { ...part.credentials, expiresAt } }).expiresAt;
      expect(expiryOf(null)).toBe(date + 300_000);
      expect(expiryOf(date + 1000)).toBe(date + 1000);
      expect(expiryOf(date + 400_000)).toBe(date + 300_000);
    });

    it('addresses the bucket if the key is null', () => {
      const { url } = createSignedUrl({ ...part, signer, addressing: 'path', key: null, query: { uploads: null } });
      expect(url).toMatch(/^https:\/\/obs\.example\.com\/media\/\?uploads&/);
    });
  });

  it('signs with obsSigner and the clock of the machine by default', () => {
    const { requestDate: _, ...now } = part;
    const before = Math.floor(Date.now() / 1000);
    const { url, expiresAt } = createSignedUrl(now);
    expect(url).toContain('AccessKeyId=AK');
    expect(expiresAt).toBeGreaterThanOrEqual((before + 300) * 1000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 300_000);
  });

  it.each<[string, Partial<SignedUrlOptions>]>([
    ['server', { server: 'http://obs.example.com' }],
    ['server', { server: 'https://obs.example.com/media' }],
    ['method', { method: 'put' as never }],
    ['method', { method: undefined as never }],
    ['bucket', { bucket: 'evil.com/' }],
    ['key', { key: 'users/me/../you' }],
    ['key', { key: undefined as unknown as string }],
    ['expiresInSeconds', { expiresInSeconds: 0 }],
    ['expiresInSeconds', { expiresInSeconds: 1.5 }],
    ['expiresInSeconds', { expiresInSeconds: 604_801, signer: v4Signer({ region: 'r' }) }],
    ['requestDate', { requestDate: 'tomorrow' }],
    ['credentials.accessKeyId', { credentials: undefined as never }],
    ['credentials.secretAccessKey', { credentials: { accessKeyId: 'AK', secretAccessKey: '' } }],
    ['query', { query: { 'uploads&acl': null } }],
    ['query', { query: { Expires: 1_900_000_000 } }],
    ['query', { query: { 'X-Amz-Expires': 9 } }],
    ['query.uploadId', { query: { uploadId: undefined as never } }],
    ['query.uploadId', { query: { uploadId: ['a', 'b'] as never } }],
    ['query.uploadId', { query: { uploadId: '\ud800' } }],
    ['headers', { headers: { 'x-obs-acl:public\nx': '' } }],
    ['headers.x-obs-acl', { headers: { 'x-obs-acl': 'private\nx-obs-meta-a:1' } }],
    ['headers.x-obs-meta-a', { headers: { 'x-obs-meta-a': 'Zoë' } }],
    ['headers.x-obs-meta-a', { headers: { 'x-obs-meta-a': '文' } }],
  ])('refuses an invalid %s (%j)', (option, wrong) => {
    const sign = (): unknown => createSignedUrl({ ...part, ...wrong });
    expect(sign).toThrow(InvalidOptionsError);
    expect(sign).toThrow(expect.objectContaining({ option }));
  });

  it('allows 7 days with v4, and any time with the others', () => {
    const week = 604_800;
    expect(createSignedUrl({ ...part, signer: v4Signer({ region: 'r' }), expiresInSeconds: week }).url).toContain(
      '604800',
    );
    expect(createSignedUrl({ ...part, expiresInSeconds: week * 52 }).expiresAt).toBeGreaterThan(0);
  });
});

function optionsOf(input: QueryVector['input']): SignedUrlOptions {
  return {
    server: input.server,
    credentials: input,
    method: input.Method,
    bucket: input.Bucket,
    key: input.Key,
    query: { ...input.QueryParams, ...(input.SpecialParam === undefined ? {} : { [input.SpecialParam]: null }) },
    headers: input.Headers ?? {},
    expiresInSeconds: input.Expires,
    requestDate: new Date(input.nowEpochSeconds * 1000),
  };
}

/** A URL as a server reads it: without a default port, and with its parameters in any order. */
function normalized(url: string): unknown {
  const { origin, pathname, searchParams } = new URL(url);
  return { origin, pathname, parameters: Object.fromEntries(searchParams) };
}

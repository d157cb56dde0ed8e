import { isUploadError, type UnsignedRequest } from 'rx-obs-upload';
import { requireSigned } from '../../../lib/signing/require-signed.js';
import { urlOf, type Endpoint } from '../../../lib/protocol/request/endpoint.js';

const virtualHosted: Endpoint = { protocol: 'https:', host: 'obs.test', addressing: 'virtual-hosted' };
const byPath: Endpoint = { ...virtualHosted, addressing: 'path' };
const customDomain: Endpoint = { ...virtualHosted, host: 'media.example', addressing: 'cname' };
const KEY = 'a b/ü+.mp4';

function unsignedAt(endpoint: Endpoint, key: string | null = KEY): UnsignedRequest {
  const query = [
    ['partNumber', '2'],
    ['uploadId', 'U/?#&+'],
  ] as const;
  return {
    operation: 'uploadPart',
    method: 'PUT',
    url: urlOf(endpoint, { bucket: 'media', key }, query),
    headers: {},
    bucket: 'media',
    key,
    uploadId: 'U/?#&+',
    partNumber: 2,
    size: 10,
  };
}

const unsigned = unsignedAt(virtualHosted);
const validUrl = `${unsigned.url}&Signature=SECRET`;
const path = '/a%20b/%C3%BC%2B.mp4';
const query = validUrl.slice(validUrl.indexOf('?'));

function signedRequest(url: unknown, overrides: object = {}): object {
  return { url, headers: {}, expiresAt: null, ...overrides };
}

describe('a request that was signed by a backend', () => {
  it.each([
    ['by query', validUrl, virtualHosted, []],
    ['with the bucket in the path', `https://obs.test/media${path}${query}`, virtualHosted, []],
    ['with the bucket in the host', validUrl, byPath, []],
    ['at the custom domain of the bucket', `https://media.example${path}${query}`, customDomain, []],
    ['at an allowed host', `https://cdn.example${path}${query}`, virtualHosted, ['cdn.example']],
    [
      'at an allowed host, with the bucket in the path',
      `https://cdn.example/media${path}${query}`,
      virtualHosted,
      ['cdn.example'],
    ],
    [
      'at an allowed host, with the bucket in the host',
      `https://media.cdn.example${path}${query}`,
      virtualHosted,
      ['cdn.example'],
    ],
    ['in another encoding', validUrl.replace('%C3%BC%2B', '%c3%bc+').replace('a%20b', '%61%20b'), virtualHosted, []],
    [
      'with its query in another order',
      `${validUrl.split('?')[0]}?X=1&uploadId=U%2F%3F%23%26%2B&partNumber=2`,
      byPath,
      [],
    ],
    ['with the port of the scheme', validUrl.replace('obs.test', 'obs.test:443'), virtualHosted, []],
  ] as const)('is accepted: %s', (_, url, endpoint, allowedHosts) => {
    expect(requireSigned(signedRequest(url), unsignedAt(endpoint), endpoint, allowedHosts)).toEqual(signedRequest(url));
  });

  const refused: readonly [name: string, value: unknown, expectedMessage: RegExp][] = [
    ['null', null, /no absolute URL/],
    ['undefined', undefined, /no absolute URL/],
    ['a string', validUrl, /no absolute URL/],
    ['a relative URL', signedRequest(`${path}${query}`), /no absolute URL/],
    ['a URL without a scheme', signedRequest(validUrl.replace('https:', '')), /no absolute URL/],
    ['a number for a URL', signedRequest(1), /no absolute URL/],
    ['another scheme', signedRequest(validUrl.replace('https:', 'http:')), /another scheme/],
    ['a script', signedRequest('javascript:alert(1)'), /another scheme/],
    [
      'a user',
      signedRequest(validUrl.replace('https://', 'https://media.obs.test@')),
      /another scheme, or with a user/,
    ],
    ['another host', signedRequest(validUrl.replace('obs.test', 'evil.test')), /a host/],
    ['a host with the same beginning', signedRequest(validUrl.replace('obs.test', 'obs.test.evil')), /a host/],
    ['a host with the same end', signedRequest(validUrl.replace('media.obs.test', 'media-obs.test')), /a host/],
    ['another port', signedRequest(validUrl.replace('obs.test', 'obs.test:8443')), /a host/],
    ['another bucket', signedRequest(validUrl.replace('media.', 'other.')), /another bucket/],
    ['another bucket in the path', signedRequest(`https://obs.test/other${path}${query}`), /another bucket/],
    ['no bucket', signedRequest(`https://obs.test${path}${query}`), /another bucket/],
    ['another key', signedRequest(validUrl.replace('mp4', 'mp3')), /key/],
    ['a key in a parent folder', signedRequest(validUrl.replace('/a%20b/', '/a%20b/%2e%2e/')), /key/],
    ['a broken key', signedRequest(validUrl.replace('%C3%BC', '%C3')), /key/],
    ['another part', signedRequest(validUrl.replace('partNumber=2', 'partNumber=3')), /query/],
    ['another upload', signedRequest(validUrl.replace('uploadId=U', 'uploadId=V')), /query/],
    ['two parts', signedRequest(`${validUrl}&partNumber=2`), /query/],
    ['no upload', signedRequest(`${validUrl.split('?')[0]}?partNumber=2&Signature=SECRET`), /query/],
    ['another method', signedRequest(validUrl, { method: 'DELETE' }), /method/],
    ['no headers', signedRequest(validUrl, { headers: undefined }), /headers/],
    ['a list of headers', signedRequest(validUrl, { headers: ['a'] }), /headers/],
    ['a header with a line break', signedRequest(validUrl, { headers: { a: 'b\r\nc: d' } }), /headers/],
  ];

  it.each(refused)(
    "is refused: %s, with a SigningError 'presign' that shows no signature",
    (_, value, expectedMessage) => {
      let error: unknown;
      try {
        requireSigned(value, unsigned, virtualHosted, ['cdn.example']);
      } catch (thrown) {
        error = thrown;
      }
      expect(isUploadError(error)).toBe(true);
      expect(error).toMatchObject({ name: 'SigningError', code: 'presign', retryable: false });
      const { message, stack } = error as Error;
      expect(message).toMatch(expectedMessage);
      expect(`${message}${String(stack)}`).not.toMatch(/SECRET|evil/);
    },
  );

  it('may be for the bucket itself', () => {
    const bucket = unsignedAt(virtualHosted, null);
    expect(() => requireSigned(signedRequest(bucket.url), bucket, virtualHosted, [])).not.toThrow();
  });

  it.each([Number.NaN, '2030-01-01', undefined])('never expires if expiresAt is %p', (expiresAt) => {
    expect(requireSigned(signedRequest(validUrl, { expiresAt }), unsigned, virtualHosted, []).expiresAt).toBeNull();
  });
});

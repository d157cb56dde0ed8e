import { isUploadError, type UnsignedRequest } from 'rx-obs-upload';
import { requireSigned } from '../../../lib/signing/require-signed.js';
import { urlOf, type Endpoint } from '../../../lib/protocol/endpoint.js';

const virtualHosted: Endpoint = { protocol: 'https:', host: 'obs.test', addressing: 'virtual-hosted' };
const byPath: Endpoint = { ...virtualHosted, addressing: 'path' };
const ownDomain: Endpoint = { ...virtualHosted, host: 'media.example', addressing: 'cname' };
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
const good = `${unsigned.url}&Signature=SECRET`;
const path = '/a%20b/%C3%BC%2B.mp4';
const query = good.slice(good.indexOf('?'));

function answer(url: unknown, more: object = {}): object {
  return { url, headers: {}, expiresAt: null, ...more };
}

describe('an answer to what was to be signed', () => {
  it.each([
    ['by query', good, virtualHosted, []],
    ['with the bucket in the path', `https://obs.test/media${path}${query}`, virtualHosted, []],
    ['with the bucket in the host', good, byPath, []],
    ['of a domain of the bucket', `https://media.example${path}${query}`, ownDomain, []],
    ['of an allowed host', `https://cdn.example${path}${query}`, virtualHosted, ['cdn.example']],
    ['of an allowed host, with the bucket', `https://cdn.example/media${path}${query}`, virtualHosted, ['cdn.example']],
    ['of the bucket at an allowed host', `https://media.cdn.example${path}${query}`, virtualHosted, ['cdn.example']],
    ['in another encoding', good.replace('%C3%BC%2B', '%c3%bc+').replace('a%20b', '%61%20b'), virtualHosted, []],
    ['with its query in another order', `${good.split('?')[0]}?X=1&uploadId=U%2F%3F%23%26%2B&partNumber=2`, byPath, []],
    ['with the port of the scheme', good.replace('obs.test', 'obs.test:443'), virtualHosted, []],
  ] as const)('is taken: %s', (_, url, endpoint, allowedHosts) => {
    expect(requireSigned(answer(url), unsignedAt(endpoint), endpoint, allowedHosts)).toEqual(answer(url));
  });

  const refused: readonly [what: string, value: unknown, says: RegExp][] = [
    ['null', null, /no absolute URL/],
    ['undefined', undefined, /no absolute URL/],
    ['a string', good, /no absolute URL/],
    ['a relative URL', answer(`${path}${query}`), /no absolute URL/],
    ['a URL without a scheme', answer(good.replace('https:', '')), /no absolute URL/],
    ['a number for a URL', answer(1), /no absolute URL/],
    ['another scheme', answer(good.replace('https:', 'http:')), /another scheme/],
    ['a script', answer('javascript:alert(1)'), /another scheme/],
    ['a user', answer(good.replace('https://', 'https://media.obs.test@')), /another scheme, or with a user/],
    ['another host', answer(good.replace('obs.test', 'evil.test')), /a host/],
    ['a host that begins alike', answer(good.replace('obs.test', 'obs.test.evil')), /a host/],
    ['a host that ends alike', answer(good.replace('media.obs.test', 'media-obs.test')), /a host/],
    ['another port', answer(good.replace('obs.test', 'obs.test:8443')), /a host/],
    ['another bucket', answer(good.replace('media.', 'other.')), /another bucket/],
    ['another bucket in the path', answer(`https://obs.test/other${path}${query}`), /another bucket/],
    ['no bucket', answer(`https://obs.test${path}${query}`), /another bucket/],
    ['another key', answer(good.replace('mp4', 'mp3')), /key/],
    ['a key above it', answer(good.replace('/a%20b/', '/a%20b/%2e%2e/')), /key/],
    ['a broken key', answer(good.replace('%C3%BC', '%C3')), /key/],
    ['another part', answer(good.replace('partNumber=2', 'partNumber=3')), /query/],
    ['another upload', answer(good.replace('uploadId=U', 'uploadId=V')), /query/],
    ['two parts', answer(`${good}&partNumber=2`), /query/],
    ['no upload', answer(`${good.split('?')[0]}?partNumber=2&Signature=SECRET`), /query/],
    ['another method', answer(good, { method: 'DELETE' }), /method/],
    ['no headers', answer(good, { headers: undefined }), /headers/],
    ['a list of headers', answer(good, { headers: ['a'] }), /headers/],
    ['a header with a line break', answer(good, { headers: { a: 'b\r\nc: d' } }), /headers/],
  ];

  it.each(refused)("is refused: %s, as SigningError 'presign' that shows no signature", (_, value, says) => {
    let error: unknown;
    try {
      requireSigned(value, unsigned, virtualHosted, ['cdn.example']);
    } catch (thrown) {
      error = thrown;
    }
    expect(isUploadError(error)).toBe(true);
    expect(error).toMatchObject({ name: 'SigningError', code: 'presign', retryable: false });
    const { message, stack } = error as Error;
    expect(message).toMatch(says);
    expect(`${message}${String(stack)}`).not.toMatch(/SECRET|evil/);
  });

  it('of a bucket itself is taken', () => {
    const bucket = unsignedAt(virtualHosted, null);
    expect(() => requireSigned(answer(bucket.url), bucket, virtualHosted, [])).not.toThrow();
  });

  it.each([Number.NaN, '2030-01-01', undefined])('that expires at %p never expires', (expiresAt) => {
    expect(requireSigned(answer(good, { expiresAt }), unsigned, virtualHosted, []).expiresAt).toBeNull();
  });
});

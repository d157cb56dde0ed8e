import {
  createObsConnection,
  InvalidOptionsError,
  uploadFile$,
  type ObsConnectionOptions,
  type UploadRequest,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';

const fake = createFakeObs();
const file = fakeSource({ size: 10 });
const connectionOptions = { server: fake.server, credentials: fake.credentials, transport: fake.transport };
const validRequest = { bucket: 'media', key: 'a.bin', sourceFile: file };

describe('invalid options of uploadFile$', () => {
  const invalidOptions: [string, string, object][] = [
    ['no bucket', 'bucket', { bucket: undefined }],
    ['an empty bucket', 'bucket', { bucket: '' }],
    ['a bucket that would change the host', 'bucket', { bucket: 'evil.example/#' }],
    ['a bucket that is not a string', 'bucket', { bucket: 42 }],
    ['no key', 'key', { key: undefined }],
    ['an empty key', 'key', { key: '' }],
    ['a key of 1025 bytes', 'key', { key: 'k'.repeat(1025) }],
    ['a key of 1026 bytes in 342 characters', 'key', { key: '中'.repeat(342) }],
    ['a key with a dot segment', 'key', { key: 'a/./b' }],
    ['a key with two dots', 'key', { key: '../b' }],
    ['a key that ends in two dots', 'key', { key: 'a/..' }],
    ['a key with half a surrogate pair', 'key', { key: 'a\ud800' }],
    ['a partSize below 100 KiB', 'partSize', { partSize: 100 * 1024 - 1 }],
    ['a partSize above 5 GiB', 'partSize', { partSize: 5 * 1024 ** 3 + 1 }],
    ['a partSize that is NaN', 'partSize', { partSize: Number.NaN }],
    ['a negative partSize', 'partSize', { partSize: -1 }],
    ['a partSize that is a string', 'partSize', { partSize: '9437184' }],
    ['a partSize with a fraction', 'partSize', { partSize: 200_000.5 }],
    ['a taskNum of 0', 'taskNum', { taskNum: 0 }],
    ['a taskNum of 1.5', 'taskNum', { taskNum: 1.5 }],
    ['a negative taskNum', 'taskNum', { taskNum: -2 }],
    ['a taskNum that is a string', 'taskNum', { taskNum: '4' }],
    ['no source', 'sourceFile', { sourceFile: undefined }],
    ['a source that is null', 'sourceFile', { sourceFile: null }],
    ['a source that is a path', 'sourceFile', { sourceFile: '/a/b' }],
    ['a file above 48.8 TiB', 'sourceFile', { sourceFile: fakeSource({ size: 10_000 * 5 * 1024 ** 3 + 1 }) }],
    ['metadata with a line break', 'metadata.owner', { metadata: { owner: 'me\r\nx-obs-acl: public-read' } }],
    ['metadata with an invalid header name', 'metadata', { metadata: { 'x y:': 'me' } }],
    ['metadata above 8 KB', 'metadata', { metadata: { big: 'x'.repeat(8192) } }],
    ['a contentType with a line break', 'contentType', { contentType: 'text/html\nx: y' }],
    ['a cacheControl with a NUL', 'cacheControl', { cacheControl: 'no\u0000store' }],
    ['an acl that is not a string', 'acl', { acl: {} }],
    ['an unknown storageClass', 'storageClass', { storageClass: 'HOT' }],
    ['expires of half a day', 'expires', { expires: 0.5 }],
    ['a requestDate that is not a date', 'requestDate', { requestDate: 'yesterday' }],
    ['a requestDate that only Date.parse accepts', 'requestDate', { requestDate: '1' }],
    ['an invalid Date', 'requestDate', { requestDate: new Date(Number.NaN) }],
    ['an SSE-C key of 31 bytes', 'sse', { sse: { type: 'customer', key: new Uint8Array(31) } }],
    ['a callback without a body', 'callback.body', { callback: { url: 'https://a.example' } }],
    ['an unknown multipart', 'multipart', { multipart: 'never' }],
    ['retry without attempts', 'retry.maxAttempts', { retry: { maxAttempts: 0 } }],
    ['retry with infinite attempts', 'retry.maxAttempts', { retry: { maxAttempts: Number.POSITIVE_INFINITY } }],
    ['an unknown jitter', 'retry.jitter', { retry: { jitter: 'half' } }],
    ['a stallTimeoutMs of 0', 'stallTimeoutMs', { stallTimeoutMs: 0 }],
    ['a negative progressIntervalMs', 'progressIntervalMs', { progressIntervalMs: -1 }],
  ];

  it.each(invalidOptions)(
    '%s fails with an InvalidOptionsError that names %s, before any request',
    (_, option, overrides) => {
      const errors: unknown[] = [];
      const request = { ...validRequest, ...overrides } as UploadRequest;
      uploadFile$(createObsConnection(connectionOptions), request).subscribe({
        error: (error: unknown) => errors.push(error),
      });
      expect(errors).toEqual([expect.any(InvalidOptionsError)]);
      expect(errors[0]).toMatchObject({ code: 'invalid-options', option, retryable: false, checkpoint: null });
      expect(fake.log).toHaveLength(0);
    },
  );

  it('reports that attempts must be finite', () => {
    const request = { ...validRequest, retry: { maxAttempts: Number.POSITIVE_INFINITY } };
    const errors: unknown[] = [];
    uploadFile$(createObsConnection(connectionOptions), request).subscribe({
      error: (error: unknown) => errors.push(error),
    });
    expect(errors[0]).toMatchObject({
      message: 'retry.maxAttempts must be a finite whole number from 1; it is Infinity.',
    });
  });

  it('refuses a server that already contains the bucket, and names the server to use', () => {
    const connection = createObsConnection({ ...connectionOptions, server: 'https://media.obs.example.com' });
    const errors: unknown[] = [];
    uploadFile$(connection, validRequest).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors[0]).toMatchObject({ option: 'server', message: expect.stringContaining('https://obs.example.com') });
  });

  it.each([
    ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
    ['2024-01-02T03:04:05.678+08:00', '2024-01-01T19:04:05Z'],
    ['2024-01-02', '2024-01-02T00:00:00Z'],
    ['Tue, 02 Jan 2024 03:04:05 GMT', '2024-01-02T03:04:05Z'],
    ['02 Jan 24 03:04 +0800', '2024-01-01T19:04:00Z'],
    [new Date('2024-01-02T03:04:05Z'), '2024-01-02T03:04:05Z'],
  ])('signs with a requestDate of %s', (requestDate, expected) => {
    const fakeObs = createFakeObs();
    const connection = createObsConnection({ ...connectionOptions, transport: fakeObs.transport });
    uploadFile$(connection, { ...validRequest, requestDate, retry: { maxAttempts: 1 } }).subscribe({
      error: () => undefined,
    });
    expect(fakeObs.log[0]?.headers['x-obs-date']).toBe(new Date(expected).toUTCString());
  });
});

describe('invalid options of createObsConnection', () => {
  const invalidOptions: [string, string, object][] = [
    ['no server', 'server', { server: undefined }],
    ['an empty server', 'server', { server: '' }],
    ['a server without a scheme', 'server', { server: 'obs.example.com' }],
    ['a server of another scheme', 'server', { server: 'ftp://obs.example.com' }],
    ['a server with a path', 'server', { server: 'https://obs.example.com/bucket' }],
    ['a server with a user', 'server', { server: 'https://me@obs.example.com' }],
    ['http to another machine', 'server', { server: 'http://obs.example.com' }],
    ['no credentials', 'credentials', { credentials: undefined }],
    ['credentials without a secret', 'credentials', { credentials: { accessKeyId: 'AK' } }],
    ['empty credentials', 'credentials', { credentials: { accessKeyId: '', secretAccessKey: '' } }],
    ['an unknown addressing', 'addressing', { addressing: 'dns' }],
    ['maxConcurrentRequests of 0', 'maxConcurrentRequests', { maxConcurrentRequests: 0 }],
  ];

  it.each(invalidOptions)('%s throws an InvalidOptionsError that names %s', (_, option, overrides) => {
    const options = { ...connectionOptions, ...overrides } as ObsConnectionOptions;
    expect(() => createObsConnection(options)).toThrow(InvalidOptionsError);
    expect(() => createObsConnection(options)).toThrow(expect.objectContaining({ option }));
  });

  it.each(['http://127.0.0.1:9000', 'http://localhost:9000', 'http://[::1]:9000', 'http://obs.localhost'])(
    'accepts %s, which is this machine',
    (server) => {
      expect(createObsConnection({ ...connectionOptions, server }).server).toBe(server);
    },
  );

  it('accepts http to another machine if allowInsecure is set', () => {
    const connection = createObsConnection({ ...connectionOptions, server: 'http://nas.lan', allowInsecure: true });
    expect(connection.server).toBe('http://nas.lan');
  });

  it('never shows a secret in an error', () => {
    const options = { ...connectionOptions, server: 'https://AK:topsecret@obs.example.com' };
    expect(() => createObsConnection(options)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('topsecret') }),
    );
  });
});

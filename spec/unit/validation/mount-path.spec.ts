import {
  abortUpload$,
  createObsConnection,
  createSignedUrl,
  InvalidOptionsError,
  listUploads$,
  obsSigner,
  uploadFile$,
  v2Signer,
  v4Signer,
  type ObsConnectionOptions,
  type UnsignedRequest,
} from 'rx-obs-upload';
import { bytesOf, createFakeObs, fakeSource, on } from 'rx-obs-upload/testing';
import { of } from 'rxjs';
import { lastCheckpoint, PART } from '../../support/upload-world.js';
import { record, runVirtually } from '../../support/virtual-time.js';

const SERVER = 'https://example.test/storage/v1/s3';
const file = fakeSource({ name: 'film.mp4', size: 3 * PART + 1000 });
const signers = [
  ['obsSigner', obsSigner()],
  ['v2Signer', v2Signer()],
  ['v4Signer', v4Signer({ region: 'local' })],
] as const;

describe.each(signers)('a store that is mounted below a path, with %s', (_, signer) => {
  const open = (overrides: Partial<ObsConnectionOptions> = {}) => {
    const fake = createFakeObs({ server: SERVER });
    const { transport, credentials } = fake;
    const signing = overrides.presign === undefined ? { credentials, signer } : {};
    const options = { server: SERVER, addressing: 'path', transport, ...signing, ...overrides } as ObsConnectionOptions;
    return { fake, obs: createObsConnection(options), bucket: fake.bucket };
  };
  const request = { key: 'a b/ü+.mp4', sourceFile: file, partSize: PART, retry: { maxAttempts: 1 } } as const;

  it('accepts uploads in parts, and is the server in checkpoints', () => {
    const { fake, obs, bucket } = open();
    const recording = runVirtually(() => record(uploadFile$(obs, { bucket, ...request })));
    expect(recording.error).toBeUndefined();
    expect(recording.values.at(-1)).toMatchObject({ type: 'completed' });
    expect(Buffer.compare(fake.object(request.key)?.bytes ?? new Uint8Array(), bytesOf(file))).toBe(0);
    expect(lastCheckpoint(recording).server).toBe(SERVER);
    expect(obs.server).toBe(SERVER);
  });

  it('supports resuming, listing and aborting', () => {
    const { fake, obs, bucket } = open();
    fake.addFaults(on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'));
    const failed = runVirtually(() => record(uploadFile$(obs, { bucket, ...request })));
    const checkpoint = lastCheckpoint(failed);
    expect(checkpoint.parts).toHaveLength(2);
    const listed = runVirtually(() => record(listUploads$(obs, { bucket })));
    expect(listed.values).toEqual([expect.objectContaining({ uploadId: checkpoint.uploadId })]);
    fake.clearFaults();
    const resumed = runVirtually(() =>
      record(uploadFile$(obs, { sourceFile: file, uploadCheckpoint: JSON.parse(JSON.stringify(checkpoint)) })),
    );
    expect(resumed.values.at(-1)).toMatchObject({ type: 'completed' });
    fake.addFaults(on('uploadPart', { partNumber: 2 }).respond(403, 'AccessDenied'));
    const second = lastCheckpoint(runVirtually(() => record(uploadFile$(obs, { bucket, ...request }))));
    expect(runVirtually(() => record(abortUpload$(obs, second))).completed).toBe(true);
    expect(fake.uploads()).toHaveLength(0);
  });

  it('differs from the store at the root of the same host', () => {
    const { fake, obs, bucket } = open();
    fake.addFaults(on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'));
    const checkpoint = lastCheckpoint(runVirtually(() => record(uploadFile$(obs, { bucket, ...request }))));
    const root = open({ server: 'https://example.test' }).obs;
    const refused = runVirtually(() => record(uploadFile$(root, { sourceFile: file, uploadCheckpoint: checkpoint })));
    expect(refused.error).toMatchObject({ code: 'checkpoint', field: 'server' });
  });

  it('accepts signed URLs', () => {
    const { fake, bucket } = open();
    const { credentials } = fake;
    const requestDate = new Date(fake.now());
    const common = { server: `${SERVER}/`, addressing: 'path', credentials, signer, requestDate } as const;
    const { url } = createSignedUrl({ ...common, method: 'PUT', bucket, key: 'k ü', expiresInSeconds: 60 });
    expect(url.startsWith(`${SERVER}/media/k%20%C3%BC?`)).toBe(true);
    const body = new Uint8Array(3);
    const { values } = record(fake.transport.send({ method: 'PUT', url, headers: {}, body }));
    expect(values.at(-1)).toMatchObject({ response: { status: 200 } });
  });

  it('accepts what a backend signs for its path, and refuses any other path', () => {
    const sign = (server: string) => (requests: readonly UnsignedRequest[]) =>
      of(
        requests.map(({ method, headers, bucket, key, url }) =>
          createSignedUrl({
            server,
            addressing: 'path',
            credentials: createFakeObs().credentials,
            signer,
            method,
            headers,
            bucket,
            key,
            query: Object.fromEntries([...new URL(url).searchParams].map(([name, value]) => [name, value || null])),
            expiresInSeconds: 60,
            requestDate: new Date(0),
          }),
        ),
      );
    const dialect = signer.dialect;
    const good = open({ presign: sign(SERVER), dialect });
    const accepted = runVirtually(() => record(uploadFile$(good.obs, { bucket: good.bucket, ...request })));
    expect(accepted.values.at(-1)).toMatchObject({ type: 'completed' });
    const bad = open({ presign: sign('https://example.test'), dialect });
    const refused = runVirtually(() => record(uploadFile$(bad.obs, { bucket: bad.bucket, ...request })));
    expect(refused.error).toMatchObject({ code: 'presign', message: expect.stringContaining('bucket or key') });
    expect(bad.fake.log).toHaveLength(0);
  });
});

it('a fake OBS with a path responds with 404 outside of that path', () => {
  const { transport } = createFakeObs({ server: SERVER });
  const url = 'https://example.test/media/a.bin';
  const { values } = record(transport.send({ method: 'HEAD', url, headers: {}, body: null }));
  expect(values.at(-1)).toMatchObject({ response: { status: 404 } });
});

describe('a server with a path', () => {
  const { credentials } = createFakeObs();
  it.each([
    ['virtual-hosted', SERVER],
    ['cname', SERVER],
    [undefined, SERVER],
    ['path', 'https://example.test/a//b'],
    ['path', `${SERVER}?x=1`],
    ['path', `${SERVER}#x`],
  ] as const)('is refused with addressing %s: %s', (addressing, server) => {
    const options = { server, credentials, ...(addressing && { addressing }) };
    expect(() => createObsConnection(options)).toThrow(InvalidOptionsError);
    expect(() => createObsConnection(options)).toThrow(expect.objectContaining({ option: 'server' }));
  });

  it('may end with slashes', () => {
    const server = `${SERVER}//`;
    expect(createObsConnection({ server, credentials, addressing: 'path', allowInsecure: true }).server).toBe(SERVER);
    expect(createObsConnection({ server: 'http://127.0.0.1:9000/s3/', credentials }).server).toBe(
      'http://127.0.0.1:9000/s3',
    );
  });

  it('is encoded as in signatures of version 4', () => {
    const server = 'https://example.test/my (s3)/ü';
    const obs = createObsConnection({ server, credentials, addressing: 'path' });
    expect(obs.server).toBe('https://example.test/my%20%28s3%29/%C3%BC');
  });
});

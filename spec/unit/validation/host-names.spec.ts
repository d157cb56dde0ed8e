import {
  createObsConnection,
  createSignedUrl,
  InvalidOptionsError,
  listParts$,
  obsSigner,
  uploadFile$,
  v2Signer,
  v4Signer,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { record, runVirtually } from '../../support/virtual-time.js';

const signers = [
  ['obsSigner', obsSigner()],
  ['v2Signer', v2Signer()],
  ['v4Signer', v4Signer({ region: 'eu-1' })],
] as const;

const notHostNames = [
  ['capital letters', 'Media'],
  ['a capital letter after a dot', 'my.Media'],
  ['an underscore', 'my_media'],
  ['a label that begins with a hyphen', 'my.-media'],
  ['a label that ends with a hyphen', 'my-.media'],
  ['a label of 64 characters', 'm'.repeat(64)],
  ['more characters than a host name may have', `${'m'.repeat(60)}.`.repeat(4) + 'abc'],
  ['punycode that browsers refuse', 'xn--media'],
] as const;

describe.each(signers)('a bucket that is not a valid host name, with %s', (_, signer) => {
  it.each(notHostNames)('is refused before any request: %s', (_name, bucket) => {
    const fake = createFakeObs({ buckets: [bucket] });
    const { server, credentials, transport } = fake;
    const obs = createObsConnection({ server, credentials, transport, signer });
    const request = { bucket, key: 'a.bin', sourceFile: fakeSource({ size: 10 }) };
    const { error } = runVirtually(() => record(uploadFile$(obs, request)));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ option: 'bucket', message: expect.stringContaining("addressing: 'path'") });
    expect(fake.log).toHaveLength(0);
  });

  it.each(notHostNames.slice(0, 6))('accepts uploads with path-style addressing: %s', (_name, bucket) => {
    const fake = createFakeObs({ buckets: [bucket] });
    const { server, credentials, transport } = fake;
    const obs = createObsConnection({ server, credentials, transport, signer, addressing: 'path' });
    const request = { bucket, key: 'a.bin', sourceFile: fakeSource({ size: 10 }) };
    const { values } = runVirtually(() => record(uploadFile$(obs, request)));
    expect(values.at(-1)).toMatchObject({ type: 'completed' });
    expect(fake.object('a.bin', bucket)?.size).toBe(10);
  });

  it('is refused in signed URLs', () => {
    const { server, credentials } = createFakeObs();
    const options = { server, credentials, signer, method: 'PUT', key: 'a', expiresInSeconds: 60 } as const;
    expect(() => createSignedUrl({ ...options, bucket: 'Media' })).toThrow(/addressing: 'path'/);
    expect(createSignedUrl({ ...options, bucket: 'Media', addressing: 'path' }).url).toContain('/Media/a');
  });
});

it('a bucket that is not a valid host name is refused by single calls too', () => {
  const { server, credentials, transport } = createFakeObs();
  const obs = createObsConnection({ server, credentials, transport });
  const { error } = runVirtually(() => record(listParts$(obs, { bucket: 'Media', key: 'a', uploadId: 'U' })));
  expect(error).toMatchObject({ option: 'bucket' });
});

it('a bucket behind a custom domain need not be a valid host name', () => {
  const { credentials } = createFakeObs();
  const options = {
    server: 'https://files.example',
    credentials,
    method: 'PUT',
    key: 'a',
    expiresInSeconds: 60,
  } as const;
  expect(createSignedUrl({ ...options, bucket: 'Media', addressing: 'cname' }).url).toContain(
    'https://files.example/a',
  );
});

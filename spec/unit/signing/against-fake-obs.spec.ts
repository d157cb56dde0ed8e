import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { createObsConnection } from '../../../lib/connection/create-obs-connection.js';
import { createSignedUrl } from '../../../lib/create-signed-url.js';
import { obsSigner } from '../../../lib/signing/v2.js';
import type { Signer, UrlSigner } from '../../../lib/signing/signer.js';
import { v2Signer } from '../../../lib/signing/v2.js';
import { v4Signer } from '../../../lib/signing/v4.js';
import { uploadFile$ } from '../../../lib/upload-file.js';
import { record, runVirtually } from '../../support/virtual-time.js';

const KIB = 1024;
const signers: [string, Signer & UrlSigner][] = [
  ['obsSigner', obsSigner()],
  ['v2Signer', v2Signer()],
  ['v4Signer', v4Signer({ region: 'eu-1' })],
];

/** The fake computes signatures from the requests that it receives, with code of its own. */
describe.each(signers)('%s against the fake OBS', (_, signer) => {
  it.each(['virtual-hosted', 'path'] as const)('uploads in parts to a %s bucket', (addressing) => {
    const credentials = { accessKeyId: 'AK', secretAccessKey: 'SK', securityToken: 'token+/=' };
    const fake = createFakeObs({ credentials: [credentials] });
    const obs = createObsConnection({
      server: fake.server,
      credentials,
      transport: fake.transport,
      signer,
      addressing,
    });
    const key = 'a b+/中文 🚀.bin';
    const recording = runVirtually(() =>
      record(
        uploadFile$(obs, {
          bucket: fake.bucket,
          key,
          sourceFile: fakeSource({ name: 'x', size: 250 * KIB }),
          partSize: 100 * KIB,
          metadata: { owner: 'Zoë' },
          storageClass: 'COLD',
        }),
      ),
    );
    expect(recording.error).toBeUndefined();
    expect(recording.values.at(-1)).toMatchObject({ type: 'completed' });
    expect(fake.object(key)?.size).toBe(250 * KIB);
    expect(fake.object(key)?.options).toMatchObject({ 'storage-class': 'COLD', 'meta-owner': 'Zo%C3%AB' });
  });

  it('creates URLs that are accepted until they expire', () => {
    const fake = createFakeObs();
    const target = { server: fake.server, credentials: fake.credentials, signer, bucket: fake.bucket, key: 'k ü.txt' };
    const headers = { 'Content-Type': 'text/plain' };
    const requestDate = new Date(fake.now());
    const put = { ...target, method: 'PUT', headers, expiresInSeconds: 60 } as const;
    const statusOf = (url: string): number | undefined => {
      const body = new Uint8Array(3);
      const recording = record(fake.transport.send({ method: 'PUT', url, headers, body }));
      return recording.values.flatMap((event) => (event.type === 'response' ? [event.response.status] : []))[0];
    };
    expect(statusOf(createSignedUrl({ ...put, requestDate }).url)).toBe(200);
    expect(statusOf(createSignedUrl({ ...put, requestDate: new Date(fake.now() - 120_000) }).url)).toBe(403);
    expect(statusOf(createSignedUrl({ ...put, requestDate }).url.replace('k%20', 'l%20'))).toBe(403);
    expect(fake.object('k ü.txt')?.size).toBe(3);
  });
});

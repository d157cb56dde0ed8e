// Run by every test runner in every environment, in addition to the samples of the guide.
import { createObsConnection, memoryCheckpointStore, uploadFile$, uploadResult } from 'rx-obs-upload';
import { ObsClient } from 'rx-obs-upload/compat';
import { createFakeObs } from 'rx-obs-upload/testing';
import { workerHasher } from 'rx-obs-upload/worker';
import { firstValueFrom } from 'rxjs';

it.each(['none', 'md5'] as const)('uploads a File of the environment in parts, with checksum %s', async (checksum) => {
  const { server, credentials, transport, bucket, object, arrivals } = createFakeObs();
  const obs = createObsConnection({ server, credentials, transport });
  const bytes = new Uint8Array(250_000).map((_, i) => i);
  const sourceFile = new File([bytes], 'a.bin', { type: 'application/octet-stream' });
  const request = { bucket, key: 'Grüße.bin', sourceFile, partSize: 102_400, checksum, hasher: workerHasher() };

  const upload$ = uploadFile$(obs, { ...request, checkpointStore: memoryCheckpointStore() });
  const { verified } = await firstValueFrom(upload$.pipe(uploadResult()));

  expect(verified).toBe('etag');
  expect(arrivals('uploadPart')).toHaveLength(3);
  expect(Array.from(object('Grüße.bin')?.bytes ?? [])).toEqual(Array.from(bytes));
});

it('resolves the entry that replaces the official client', () => {
  expect(typeof ObsClient).toBe('function');
});

import { createObsConnection, memoryCheckpointStore, uploadFile$, type ObsConnectionOptions } from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { PART } from '../../../support/upload-world.js';
import { record, runVirtually } from '../../../support/virtual-time.js';

const words = 'A File or a Promise cannot settle inside TestScheduler.run (virtual time)';

function upload(sourceFile: unknown, more: object = {}, options: object = {}) {
  const { server, transport, credentials, bucket } = createFakeObs();
  const given = 'presign' in options ? options : { credentials, ...options };
  const obs = createObsConnection({ server, transport, ...given } as ObsConnectionOptions);
  const request = { bucket, key: 'a', sourceFile: sourceFile as Blob, partSize: PART, ...more };
  return runVirtually(() => record(uploadFile$(obs, request)));
}

describe('inside TestScheduler.run', () => {
  const file = new File([new Uint8Array(PART + 1)], 'a.bin');

  it.each([
    ['in parts', {}],
    ['with a store', { checkpointStore: memoryCheckpointStore() }],
    ['with a checksum', { checksum: 'md5' }],
  ])('a File fails %s, and the error names the way out', (_, more) => {
    const { error, endedAt } = upload(file, more);
    expect(error).toMatchObject({ message: expect.stringContaining(words), option: 'sourceFile', retryable: false });
    expect((error as Error).message).toContain('fakeSource() of rx-obs-upload/testing');
    expect(endedAt).toBe(0);
  });

  it.each([
    ['credentials', { credentials: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'b' }) }],
    ['presign', { presign: () => Promise.resolve([]) }],
  ])('a Promise of %s fails, and the error names the way out', (option, options) => {
    const { error } = upload(fakeSource({ size: 1 }), {}, options);
    expect(error).toMatchObject({ message: expect.stringContaining(words), retryable: false });
    expect((error as Error).message).toContain(`Let ${option} return an Observable such as of(value)`);
  });

  it('a Blob that goes as one PUT is taken unread', () => {
    expect(upload(new Blob([new Uint8Array(3)])).values.at(-1)).toMatchObject({ type: 'completed' });
  });
});

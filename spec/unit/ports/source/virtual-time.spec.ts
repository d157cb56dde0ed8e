import { createObsConnection, memoryCheckpointStore, uploadFile$, type ObsConnectionOptions } from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { PART } from '../../../support/upload-world.js';
import { record, runVirtually } from '../../../support/virtual-time.js';

const expectedMessage = 'A File or a Promise cannot settle inside TestScheduler.run (virtual time)';

function upload(sourceFile: unknown, overrides: object = {}, options: object = {}) {
  const { server, transport, credentials, bucket } = createFakeObs();
  const authorization = 'presign' in options ? options : { credentials, ...options };
  const obs = createObsConnection({ server, transport, ...authorization } as ObsConnectionOptions);
  const request = { bucket, key: 'a', sourceFile: sourceFile as Blob, partSize: PART, ...overrides };
  return runVirtually(() => record(uploadFile$(obs, request)));
}

describe('inside TestScheduler.run', () => {
  const file = new File([new Uint8Array(PART + 1)], 'a.bin');

  it.each([
    ['in parts', {}],
    ['with a store', { checkpointStore: memoryCheckpointStore() }],
    ['with a checksum', { checksum: 'md5' }],
  ])('a File fails %s, and the error names a solution', (_, overrides) => {
    const { error, endedAt } = upload(file, overrides);
    expect(error).toMatchObject({
      message: expect.stringContaining(expectedMessage),
      option: 'sourceFile',
      retryable: false,
    });
    expect((error as Error).message).toContain('fakeSource() of rx-obs-upload/testing');
    expect(endedAt).toBe(0);
  });

  it.each([
    ['credentials', { credentials: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'b' }) }],
    ['presign', { presign: () => Promise.resolve([]) }],
  ])('a Promise of %s fails, and the error names a solution', (option, options) => {
    const { error } = upload(fakeSource({ size: 1 }), {}, options);
    expect(error).toMatchObject({ message: expect.stringContaining(expectedMessage), retryable: false });
    expect((error as Error).message).toContain(`Let ${option} return an Observable such as of(value)`);
  });

  it('a Blob that is sent as one PUT is accepted, since it is not read', () => {
    expect(upload(new Blob([new Uint8Array(3)])).values.at(-1)).toMatchObject({ type: 'completed' });
  });
});

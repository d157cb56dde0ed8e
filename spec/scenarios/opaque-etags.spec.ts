import type { UploadEvent, UploadOptions } from 'rx-obs-upload';
import { on, type FakeObsOptions } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, uploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

function run(fakeOptions: FakeObsOptions, options: Partial<UploadOptions>): Recording<UploadEvent> {
  const { fake, file, upload } = uploadWorld(fakeOptions);
  const events = runVirtually(() => record(upload(options)));
  if (events.error === undefined) expectObject(fake, 'film.mp4', file);
  return events;
}

const customer = { type: 'customer', key: new Uint8Array(32) } as const;

describe('ETags that are not MD5s', () => {
  it.each([
    ['SSE-KMS', {}, { sse: { type: 'kms' } as const }],
    ["SSE-KMS, the bucket's default", { bucketEncryption: 'kms' } as const, {}],
    ['SSE-C', {}, { sse: customer }],
  ])('do not contradict checksums under %s', (_, fakeOptions, options) => {
    const events = run(fakeOptions, { checksum: 'md5', ...options });
    expect(events.error).toBeUndefined();
    expect(eventsOf(events, 'completed')[0]?.result.verified).toBe('size');
  });

  it('are not confused with a wrong MD5', () => {
    const wrong = '"00000000000000000000000000000000-4"';
    const body = `<CompleteMultipartUploadResult><ETag>${wrong}</ETag></CompleteMultipartUploadResult>`;
    const faults = [on('completeMultipartUpload').respond(200, null, { body, takesEffect: true })];
    const events = run({ faults }, { checksum: 'md5' });
    expect(events.error).toMatchObject({ name: 'IntegrityError' });
  });
});

import { on } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

describe('a complete that takes effect between two checks', () => {
  it('is found by another HEAD', () => {
    const faults = [
      on('completeMultipartUpload').respond(500, 'InternalError'),
      // HEAD found no object; now the object is created and the upload no longer exists.
      on('listParts').act((control, { uploadId }) => control.completeUpload(uploadId ?? '')),
    ];
    const { fake, file, upload } = uploadWorld({ faults });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toBeUndefined();
    expect(eventsOf(events, 'completed')[0]?.result.verified).toBe('etag');
    expectObject(fake, 'film.mp4', file);
    expect(fake.arrivals('completeMultipartUpload')).toHaveLength(1);
    expect(fake.arrivals('headObject')).toHaveLength(2);
  });
});

import { on } from 'rx-obs-upload/server';
import { unfinished, until, withBoth } from '../../integration/compat/support/both.js';
import { uploadIntoPartThree, uploadTwoParts } from '../../integration/compat/support/film-request.js';

describe('compared with the official SDK: abort', () => {
  it('deletes the upload and reports an error', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const report = await uploadTwoParts(side, (hook) => hook?.abort());
      const uploadsAtCallback = unfinished(side);
      await until(() => unfinished(side) === 0);
      return { report, uploadsAtCallback, arrivals: side.arrivals() };
    });
    expect(ours.report.events).toEqual(official.report.events);
    for (const { report, arrivals } of [official, ours]) {
      expect(report.error).toBeInstanceOf(Error);
      expect(report.outcomes).toHaveLength(1);
      expect(arrivals).not.toContain('uploadPart 3: 200');
    }
    // The official SDK calls back first; ours only once it has checked that the parts are deleted.
    expect(ours.uploadsAtCallback).toBe(0);
    expect(ours.report.error).toMatchObject({ code: 'aborted', checkpoint: null });
    expect(ours.report.checkpoint.uploadId).toBeUndefined();
    expect(ours.arrivals.slice(-2)).toEqual(['abortMultipartUpload: 204', 'listParts: 404']);
  });

  it('aborts requests in flight; the official SDK lets them finish', async () => {
    const { official, ours } = await withBoth(
      async (side) => {
        await uploadIntoPartThree(side, (hook) => hook?.abort());
        await until(() => unfinished(side) === 0);
        return side.arrivals().find((arrival) => arrival.startsWith('uploadPart 3'));
      },
      () => [on('uploadPart', { partNumber: 3 }).delay(200)],
    );
    expect(official).toBe('uploadPart 3: 200');
    expect(ours).toBe('uploadPart 3: cut off');
  });
});

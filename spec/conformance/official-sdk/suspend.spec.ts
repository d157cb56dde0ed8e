import { on } from 'rx-obs-upload/server';
import { fileOf, film, PART, sha256, unfinished, upload, withBoth } from '../../integration/compat/support/both.js';
import {
  bytes,
  KEY,
  recordOf,
  request,
  uploadIntoPartThree,
  uploadTwoParts,
} from '../../integration/compat/support/film-request.js';

describe('compared with the official SDK: suspend and resume', () => {
  it('suspends with an error and no further event, and keeps the parts', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const report = await uploadTwoParts(side, (hook) => hook?.cancel());
      return { report, record: recordOf(report), uploads: unfinished(side) };
    });
    for (const { report, uploads } of [official, ours]) {
      expect(report.error).toBeInstanceOf(Error);
      expect(report.outcomes).toHaveLength(1);
      expect(uploads).toBe(1);
    }
    expect(ours.report.error).toMatchObject({ code: 'suspended', checkpoint: ours.report.checkpoint });
    expect(ours.report.events).toEqual(official.report.events);
    expect(ours.record).toEqual(official.record);
  });

  it('can be suspended by the hook before a part is sent', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const report = await upload(side, request(), { onResume: (hook) => hook.cancel() });
      return { report, arrivals: side.arrivals() };
    });
    expect(ours.arrivals).toEqual(['initiateMultipartUpload: 200']);
    expect(ours.arrivals).toEqual(official.arrivals);
    expect(ours.report.events).toEqual(official.report.events);
    expect(official.report.error).toBeInstanceOf(Error);
    expect(ours.report.error).toMatchObject({ code: 'suspended' });
  });

  it('resumes with only the checkpoint, and sends only the missing parts', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const { checkpoint } = await uploadTwoParts(side, (hook) => hook?.cancel());
      const before = side.arrivals().length;
      const report = await upload(side, { UploadCheckpoint: checkpoint });
      const isSameRecord = report.checkpoint === checkpoint;
      return { report, isSameRecord, arrivals: side.arrivals().slice(before), stored: side.stored(KEY) };
    });
    expect(ours.stored).toBe(sha256(bytes));
    expect(ours.report.events).toEqual(official.report.events);
    expect(ours.report.result).toEqual(official.report.result);
    expect(ours.report.progress[0]?.[0]).toBeGreaterThanOrEqual(2 * PART);
    expect([official.isSameRecord, ours.isSameRecord]).toEqual([true, true]);
    // Ours lists the parts on the server first, because only those count.
    expect(ours.arrivals).toEqual(['listParts: 200', ...official.arrivals]);
  });

  it('can be suspended by the hook before it resumes', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const { checkpoint } = await uploadTwoParts(side, (hook) => hook?.cancel());
      const before = side.arrivals().length;
      const report = await upload(side, { UploadCheckpoint: checkpoint }, { onResume: (hook) => hook.cancel() });
      return { report, arrivals: side.arrivals().slice(before) };
    });
    for (const { report, arrivals } of [official, ours]) {
      expect(report.error).toBeInstanceOf(Error);
      expect(arrivals).toEqual([]);
    }
  });

  it('resumes with a checkpoint from JSON; the official SDK deletes the upload', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const { checkpoint } = await uploadTwoParts(side, (hook) => hook?.cancel());
      const UploadCheckpoint = JSON.parse(JSON.stringify(checkpoint)) as unknown;
      const before = side.arrivals().length;
      await upload(side, request({ UploadCheckpoint }));
      return { arrivals: side.arrivals().slice(before), stored: side.stored(KEY) };
    });
    expect(official.arrivals).toContain('abortMultipartUpload: 204');
    expect(official.arrivals).toContain('initiateMultipartUpload: 200');
    expect(ours.arrivals).toEqual([
      'listParts: 200',
      'uploadPart 3: 200',
      'uploadPart 4: 200',
      'completeMultipartUpload: 200',
    ]);
    expect(ours.stored).toBe(sha256(bytes));
  });

  it('resumes with a checkpoint from IndexedDB, which includes the file', async () => {
    const { ours } = await withBoth(async (side) => {
      const { checkpoint } = await uploadTwoParts(side, (hook) => hook?.cancel());
      const report = await upload(side, { UploadCheckpoint: structuredClone(checkpoint) });
      return { status: report.result?.CommonMsg.Status, stored: side.stored(KEY) };
    });
    expect(ours).toEqual({ status: 200, stored: sha256(bytes) });
  });

  it('rejects another file of the same name, size and date; the official SDK mixes the two', async () => {
    const other = film(bytes.length, 2);
    const { official, ours } = await withBoth(async (side) => {
      const { checkpoint } = await uploadTwoParts(side, (hook) => hook?.cancel());
      // The official SDK only uses the file of the record.
      const given = side.name === 'ours' ? checkpoint : Object.assign(checkpoint, { sourceFile: fileOf(other) });
      const report = await upload(side, request({ SourceFile: fileOf(other), UploadCheckpoint: given }));
      return { report, stored: side.stored(KEY), uploads: unfinished(side) };
    });
    expect([null, sha256(bytes), sha256(other)]).not.toContain(official.stored);
    expect(ours.report.error).toMatchObject({
      code: 'source-changed',
      message: expect.stringContaining('not the file'),
    });
    expect(ours).toMatchObject({ stored: null, uploads: 1 });
  });

  it('aborts requests in flight, even with retries; the official SDK sends a cancelled part again', async () => {
    const { official, ours } = await withBoth(
      async (side) => {
        const report = await uploadIntoPartThree(side, (hook) => hook?.cancel(), { PartRetryNum: 2 });
        return { report, arrivals: side.arrivals().filter((arrival) => arrival.startsWith('uploadPart 3')) };
      },
      () => [on('uploadPart', { partNumber: 3 }).stall('mid-body')],
    );
    expect(official.arrivals.length).toBeGreaterThan(1);
    expect(ours.arrivals).toEqual(['uploadPart 3: cut off']);
    expect(ours.report.error).toMatchObject({ code: 'suspended' });
  });
});

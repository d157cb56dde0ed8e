import { on } from 'rx-obs-upload/server';
import {
  sha256,
  unfinished,
  until,
  upload,
  withBoth,
  type Side,
  type Report,
} from '../../integration/compat/support/both.js';
import { bytes, KEY, request } from '../../integration/compat/support/film-request.js';

describe('compared with the official SDK: parts that fail', () => {
  it('retries a part PartRetryNum times', async () => {
    const { official, ours } = await withBoth(
      async (side) => ({ report: await upload(side, request({ PartRetryNum: 2 })), arrivals: side.arrivals() }),
      () => [on('uploadPart', { partNumber: 2, times: 2 }).respond(500, 'InternalError')],
    );
    expect(ours.report.events).toEqual(official.report.events);
    expect(ours.report.result).toEqual(official.report.result);
    expect(ours.arrivals).toEqual(official.arrivals);
    // The official SDK subtracts the bytes of the failed attempt.
    expect(isMonotonic(ours.report)).toBe(true);
  });

  it('fails with an error and an event on a 500, and resumes from there', async () => {
    const { official, ours } = await withBoth(
      async (side) => {
        const report = await upload(side, request());
        const resumed = await upload(side, { UploadCheckpoint: report.checkpoint });
        return { report, resumed, stored: side.stored(KEY), acknowledged: acknowledged(side) };
      },
      () => [on('uploadPart', { partNumber: 2 }).respond(500, 'InternalError')],
    );
    for (const { report, resumed, stored, acknowledged: parts } of [official, ours]) {
      expect(report.error).toBeInstanceOf(Error);
      expect(report.outcomes).toHaveLength(1);
      expect(resumed.result?.CommonMsg.Status).toBe(200);
      expect(stored).toBe(sha256(bytes));
      expect([...parts].sort()).toEqual([1, 2, 3, 4]);
    }
    // The official SDK sends the other parts before it reports the failure; ours reports it at once.
    const failedAt = official.report.events.findIndex(([type]) => type === 'uploadPartFailed');
    expect(ours.report.events).toEqual(official.report.events.slice(0, failedAt + 1));
    expect(ours.report.error).toMatchObject({
      code: 'service',
      status: 500,
      part: 2,
      checkpoint: ours.report.checkpoint,
    });
  });

  it.each([
    ['is denied', 403, 'AccessDenied', 'uploadPartAborted'],
    ['is throttled', 429, 'TooManyRequests', 'uploadPartFailed'],
  ])('keeps the other parts if one %s; the official SDK deletes them all', async (_, status, code, type) => {
    const { official, ours } = await withBoth(
      async (side) => {
        const report = await upload(side, request());
        if (side.name === 'official') await until(() => unfinished(side) === 0);
        const uploads = unfinished(side);
        const resumed = await upload(side, request({ UploadCheckpoint: report.checkpoint }));
        return { report, uploads, resumed, stored: side.stored(KEY) };
      },
      () => [on('uploadPart', { partNumber: 2 }).respond(status, code)],
    );
    expect(official.report.error).toBeInstanceOf(Error);
    expect(official.report.events.at(-1)?.[0]).toBe('uploadPartAborted');
    expect(ours.uploads).toBe(1);
    expect(ours.report.error).toMatchObject({ code: 'service', status, serviceCode: code, part: 2 });
    // Only an error that a retry cannot solve is reported as aborted.
    const param = { bucket: 'media', key: KEY, uploadId: 'THE-UPLOAD', partNumber: 2 };
    expect(ours.report.events.at(-1)).toEqual([type, param, 'an Error']);
    expect(ours.resumed.result?.CommonMsg.Status).toBe(200);
    expect(ours.stored).toBe(sha256(bytes));
  });

  it('corrects its clock; the official SDK deletes the parts', async () => {
    const { official, ours } = await withBoth(
      async (side) => ({ report: await upload(side, request()), stored: side.stored(KEY) }),
      () => [on('uploadPart', { partNumber: 2 }).respond(403, 'RequestTimeTooSkewed')],
    );
    expect(official).toMatchObject({ report: { error: expect.any(Error) }, stored: null });
    expect(ours.report).toMatchObject({ error: null, result: { CommonMsg: { Status: 200 } } });
  });

  it('succeeds if CORS hides the ETags; the official SDK fails to complete without them', async () => {
    const { official, ours } = await withBoth(
      async (side) => (await upload(side, request())).result?.CommonMsg,
      () => [on('uploadPart', { times: Infinity }).hideHeaders('etag')],
    );
    expect(official).toMatchObject({ Status: 400, Code: 'InvalidPart' });
    expect(ours).toMatchObject({ Status: 200 });
  });

  it('reports a network error once', async () => {
    const { official, ours } = await withBoth(
      async (side) => ({ report: await upload(side, request()), uploads: unfinished(side) }),
      () => [on('uploadPart', { partNumber: 2, times: Infinity }).reset()],
    );
    for (const { report, uploads } of [official, ours]) {
      expect(report.error).toBeInstanceOf(Error);
      expect(report.outcomes).toHaveLength(1);
      expect(uploads).toBe(1);
    }
    expect(ours.report.error).toMatchObject({ code: 'network', part: 2 });
    expect(ours.report.events.at(-1)?.[0]).toBe('uploadPartFailed');
  });
});

function acknowledged(side: Side): number[] {
  return side
    .log()
    .filter(({ operation, status }) => operation === 'uploadPart' && status === 200)
    .map(({ partNumber }) => partNumber ?? 0);
}

function isMonotonic({ progress }: Report): boolean {
  return progress.every(([report], i) => report >= (progress[i - 1]?.[0] ?? 0));
}

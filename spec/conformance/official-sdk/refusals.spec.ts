import { on } from 'rx-obs-upload/server';
import { sha256, unfinished, until, upload, withBoth } from '../../integration/compat/support/both.js';
import { bytes, KEY, request } from '../../integration/compat/support/film-request.js';

describe('compared with the official SDK: error responses', () => {
  it('returns 403 for a wrong secret key as a result', async () => {
    const { official, ours } = await withBoth((side) =>
      upload({ ...side, client: side.connect({ secret_access_key: 'wrong' }) }, request()),
    );
    expect(ours.result).toEqual(official.result);
    expect(ours.result?.CommonMsg).toMatchObject({ Status: 403, Code: 'SignatureDoesNotMatch' });
    expect(ours.events).toEqual(official.events);
    expect(ours).toMatchObject({ error: null, resumed: 0 });
  });

  it('returns 404 for a missing bucket as a result', async () => {
    const { official, ours } = await withBoth((side) => upload(side, request({ Bucket: 'missing' })));
    expect(ours.result).toEqual(official.result);
    expect(ours.result?.CommonMsg).toMatchObject({ Status: 404, Code: 'NoSuchBucket' });
    expect(ours.events).toEqual(official.events);
  });

  it.each([500, 503])('returns %i of complete as a result', async (status) => {
    const { official, ours } = await withBoth(
      async (side) => ({ report: await upload(side, request()), uploads: unfinished(side) }),
      () => [on('completeMultipartUpload', { times: Infinity }).respond(status)],
    );
    expect(ours.report.result).toEqual(official.report.result);
    expect(ours.report.events).toEqual(official.report.events);
    expect([ours.uploads, official.uploads]).toEqual([1, 1]);
  });

  it('returns 403 of complete as a result, and keeps the parts; the official SDK deletes them', async () => {
    const { official, ours } = await withBoth(
      async (side) => {
        const report = await upload(side, request());
        if (side.name === 'official') await until(() => unfinished(side) === 0);
        return { report, uploads: unfinished(side) };
      },
      () => [on('completeMultipartUpload', { times: Infinity }).respond(403, 'AccessDenied')],
    );
    expect(ours.report.result).toEqual(official.report.result);
    expect(ours.report.events).toEqual(official.report.events);
    expect(ours.report.events.at(-1)?.[0]).toBe('completeMultipartUploadAborted');
    expect(ours.uploads).toBe(1);
  });

  it('treats an error in a 200 as an error; the official SDK as a success', async () => {
    const { official, ours } = await withBoth(
      (side) => upload(side, request()),
      () => [on('completeMultipartUpload', { times: Infinity }).errorIn200()],
    );
    expect(official).toMatchObject({ error: null, result: { CommonMsg: { Status: 200 } } });
    expect(ours.result).toBeNull();
    expect(ours.error).toMatchObject({ code: 'service', serviceCode: 'InternalError', checkpoint: ours.checkpoint });
    expect(ours.events.at(-1)?.[0]).toBe('completeMultipartUploadFailed');
  });

  it('finds the object after the response of complete was lost; the official SDK fails', async () => {
    const { ours, official } = await withBoth(
      async (side) => ({ report: await upload(side, request()), stored: side.stored(KEY) }),
      () => [on('completeMultipartUpload').loseResponse()],
    );
    expect(official).toMatchObject({ report: { error: expect.any(Error) }, stored: sha256(bytes) });
    expect(ours.report.result?.CommonMsg.Status).toBe(200);
    expect(ours.report.result?.InterfaceResult).toMatchObject({ Bucket: 'media', Key: KEY, ETag: expect.any(String) });
    expect(ours.stored).toBe(sha256(bytes));
  });
});

import { on } from 'rx-obs-upload/testing';
import type { ResumeHook, UploadFileParams } from 'rx-obs-upload/compat';
import { clientWorld, recordOf, run, suspended, typesOf } from './support/client-world.js';

const always = { times: Infinity };

/** Parameters that use the hook inside an event of that type. */
function onEvent(eventType: string, action: (hook: ResumeHook) => void): Partial<UploadFileParams> {
  let hook: ResumeHook | null = null;
  return {
    TaskNum: 1,
    ResumeCallback: (resumeHook) => (hook = resumeHook),
    EventCallback: (type) => {
      if (type === eventType && hook !== null) action(hook);
    },
  };
}

describe('the hook', () => {
  it('cancels all requests, reports no further events, and keeps the parts', () => {
    const world = clientWorld();
    const upload = run(world.client, world.params(onEvent('uploadPartSucceed', (hook) => hook.cancel())));
    expect(upload.outcomes).toMatchObject([{ error: { code: 'suspended', checkpoint: recordOf(upload) } }]);
    expect(typesOf(upload)).toEqual(['initiateMultipartUploadSucceed', 'uploadPartSucceed']);
    expect(world.fake.partsOf(recordOf(upload).uploadId ?? '')).toHaveLength(1);
    expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });

  it('aborts, and calls the callback once the parts are deleted', () => {
    const world = clientWorld();
    const upload = run(world.client, world.params(onEvent('uploadPartSucceed', (hook) => hook.abort())));
    expect(upload.outcomes).toMatchObject([{ error: { code: 'aborted', checkpoint: null } }]);
    expect(upload.outcomes[0]?.error?.message).toContain('deleted');
    expect(world.fake.uploads()).toHaveLength(0);
  });

  it('reports if the parts could not be deleted, and keeps the record', () => {
    const world = clientWorld({ faults: [on('abortMultipartUpload', always).respond(403, 'AccessDenied')] });
    const upload = run(world.client, world.params(onEvent('uploadPartSucceed', (hook) => hook.abort())));
    const error = upload.outcomes[0]?.error;
    expect(error).toMatchObject({ code: 'aborted', message: expect.stringContaining('could not be deleted') });
    expect(error?.checkpoint?.uploadId).toBe(world.fake.uploads()[0]?.uploadId);
  });

  it('can abort inside uploadPartFailed', () => {
    const world = clientWorld({ faults: [on('uploadPart', { ...always, partNumber: 2 }).respond(500)] });
    const upload = run(world.client, world.params(onEvent('uploadPartFailed', (hook) => hook.abort())));
    expect(upload.outcomes).toMatchObject([{ error: { code: 'aborted' } }]);
    expect(world.fake.uploads()).toHaveLength(0);
  });

  it.each(['cancel', 'abort'] as const)('does nothing once the upload has completed: %s', (method) => {
    const world = clientWorld();
    const upload = run(world.client, world.params(onEvent('completeMultipartUploadSucceed', (hook) => hook[method]())));
    expect(upload.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
    expect(world.fake.object('film.mp4')).not.toBeNull();
    expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });

  it('executes only its first call', () => {
    const world = clientWorld();
    const cancelThenAbort = onEvent('uploadPartSucceed', (hook) => {
      hook.cancel();
      hook.abort();
    });
    expect(run(world.client, world.params(cancelThenAbort)).outcomes).toMatchObject([{ error: { code: 'suspended' } }]);
    expect(world.fake.uploads()).toHaveLength(1);
  });

  it('aborts a resumed upload before a part is sent', () => {
    const world = clientWorld();
    const record = suspended(world);
    const before = world.fake.arrivals('uploadPart').length;
    const upload = run(world.client, { UploadCheckpoint: record, ResumeCallback: (hook) => hook.abort() });
    expect(upload.outcomes).toMatchObject([{ error: { code: 'aborted' } }]);
    expect(world.fake.arrivals('uploadPart')).toHaveLength(before);
    expect(world.fake.uploads()).toHaveLength(0);
  });
});

describe('all eight events', () => {
  it.each([
    ['initiateMultipartUploadFailed', on('initiateMultipartUpload', always).respond(403, 'AccessDenied')],
    ['initiateMultipartUploadFailed', on('initiateMultipartUpload', always).reset()],
    ['uploadPartFailed', on('uploadPart', always).respond(500)],
    ['uploadPartFailed', on('uploadPart', always).reset()],
    ['uploadPartFailed', on('uploadPart', always).respond(400, 'IncompleteBody')],
    // Only a custom signer can have sent a digest here, so a retry would not help.
    ['uploadPartAborted', on('uploadPart', always).respond(400, 'BadDigest')],
    ['uploadPartAborted', on('uploadPart', always).respond(403, 'AccessDenied')],
    ['completeMultipartUploadFailed', on('completeMultipartUpload', always).respond(500)],
    ['completeMultipartUploadFailed', on('completeMultipartUpload', always).reset()],
    ['completeMultipartUploadAborted', on('completeMultipartUpload', always).respond(400, 'EntityTooSmall')],
  ])('%s', (type, fault) => {
    const world = clientWorld({ faults: [fault] });
    const { events } = run(world.client, world.params({ TaskNum: 1 }));
    const [last, param, result] = events.at(-1) ?? [];
    expect(last).toBe(type);
    expect(param).toMatchObject({ bucket: 'media', key: 'film.mp4' });
    expect(result).toMatchObject({ name: 'ObsClientError', code: expect.any(String) });
    if (type.startsWith('uploadPart')) expect(param).toMatchObject({ partNumber: 1 });
    if (!type.startsWith('initiate')) expect(param?.uploadId).toBe(world.fake.uploads()[0]?.uploadId);
  });

  it('of a successful upload have a param and a result', () => {
    const world = clientWorld();
    const upload = run(world.client, world.params({ TaskNum: 1 }));
    const { uploadId } = recordOf(upload);
    const target = { bucket: 'media', key: 'film.mp4', uploadId };
    const etag = world.fake.object('film.mp4')?.etag ?? '';
    expect(upload.events[0]?.slice(1)).toMatchObject([
      target,
      { CommonMsg: { Status: 200 }, InterfaceResult: { Bucket: 'media', Key: 'film.mp4', UploadId: uploadId } },
    ]);
    const [, param, result] = upload.events[2] ?? [];
    expect(param).toEqual({ ...target, partNumber: 2, etag: recordOf(upload).parts[1]?.etag });
    expect(result).toMatchObject({ InterfaceResult: { ETag: recordOf(upload).parts[1]?.etag } });
    expect(upload.events.at(-1)?.slice(1)).toMatchObject([target, { InterfaceResult: { ETag: `"${etag}"` } }]);
    expect(upload.outcomes[0]?.result).toBe(upload.events.at(-1)?.[2]);
  });

  it('omit an ETag that CORS hides', () => {
    const world = clientWorld({ faults: [on('uploadPart', always).hideHeaders('etag')] });
    const { events, outcomes } = run(world.client, world.params());
    expect(outcomes).toMatchObject([{ error: null }]);
    const parts = events.filter(([type]) => type === 'uploadPartSucceed');
    expect(parts).toHaveLength(4);
    for (const [, param] of parts) expect(param).not.toHaveProperty('etag');
  });
});

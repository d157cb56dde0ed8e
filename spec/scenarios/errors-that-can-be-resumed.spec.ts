import {
  isUploadError,
  toUploadErrorInfo,
  uploadFile$,
  type UploadCheckpoint,
  type UploadError,
  type UploadEvent,
} from 'rx-obs-upload';
import { fakeSource, on, type FaultRule } from 'rx-obs-upload/testing';
import { catchError, switchMap, throwError, timer, type Observable } from 'rxjs';
import { expectUploaded, interrupted, resumeAsJson, THREE_ATTEMPTS } from '../support/scenario-world.js';
import { PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const INITIATE = 'initiateMultipartUpload';

function failed(start: () => Observable<UploadEvent>): UploadError {
  const events = runVirtually(() => record(start()));
  expect(isUploadError(events.error)).toBe(true);
  return events.error as UploadError;
}

describe('an error is not resumable', () => {
  it('for invalid options', () => {
    const world = uploadWorld();
    expect(failed(() => world.upload({ taskNum: 0 }))).toMatchObject({ resumable: false, checkpoint: null });
  });

  it.each<[what: string, rule: FaultRule]>([
    ['a missing bucket', on(INITIATE, ALWAYS).respond(404, 'NoSuchBucket')],
    ['refused credentials', on(INITIATE, ALWAYS).respond(403, 'InvalidAccessKeyId')],
    ['a refused signature', on(INITIATE, ALWAYS).respond(403, 'SignatureDoesNotMatch')],
    ['a denied request', on(INITIATE, ALWAYS).respond(403, 'AccessDenied')],
    ['a key that is too long for the store', on(INITIATE, ALWAYS).respond(400, 'KeyTooLongError')],
    ['a bucket in another region', on(INITIATE, ALWAYS).respond(301, 'PermanentRedirect')],
  ])('if nothing was started: %s', (_, rule) => {
    const world = uploadWorld({ faults: [rule] });
    expect(failed(() => world.upload({ retry: THREE_ATTEMPTS }))).toMatchObject({
      resumable: false,
      checkpoint: null,
    });
  });

  it('for a refused single PUT', () => {
    const faults = [on('putObject', ALWAYS).respond(403, 'AccessDenied')];
    const world = uploadWorld({ faults }, {}, fakeSource({ size: 5 }));
    expect(failed(() => world.upload()).resumable).toBe(false);
  });

  it('for a checkpoint of another bucket', () => {
    const world = uploadWorld();
    const foreign = { ...interrupted(world), bucket: 'other' };
    expect(failed(() => world.resume(foreign)).resumable).toBe(false);
  });

  it('if the bucket was deleted during the upload', () => {
    const faults = [on('uploadPart', { ...ALWAYS, arrival: 3 }).respond(404, 'NoSuchBucket')];
    const world = uploadWorld({ faults });
    const error = failed(() => world.upload({ taskNum: 1 }));
    expect(error.checkpoint?.parts).toHaveLength(2);
    expect(error.resumable).toBe(false);
  });

  it('if the parts are too small for the store', () => {
    const world = uploadWorld({ minPartBytes: PART + 1 });
    expect(failed(() => world.upload())).toMatchObject({ serviceCode: 'EntityTooSmall', resumable: false });
  });

  it('if it is not from this library', () => {
    expect(toUploadErrorInfo(new Error('mine'))).toMatchObject({ code: 'unexpected', resumable: false });
  });
});

describe('an error is resumable', () => {
  it.each<[what: string, rule: FaultRule]>([
    ['a network error', on(INITIATE, ALWAYS).reset()],
    ['an unavailable service', on(INITIATE, ALWAYS).respond(503, 'ServiceUnavailable')],
  ])('although nothing was started, if its cause is temporary: %s', (_, rule) => {
    const world = uploadWorld({ faults: [rule] });
    const error = failed(() => world.upload({ retry: THREE_ATTEMPTS }));
    expect(error).toMatchObject({ resumable: true, checkpoint: null });
    world.fake.clearFaults();
    expectUploaded(world, resumeAsJson(world, error.checkpoint));
  });

  it.each<[what: string, rule: FaultRule]>([
    ['a network error', on('uploadPart', { ...ALWAYS, arrival: 3 }).reset()],
    ['refused credentials', on('uploadPart', { ...ALWAYS, arrival: 3 }).respond(403, 'InvalidAccessKeyId')],
    ['a revoked permission', on('completeMultipartUpload', ALWAYS).respond(403, 'AccessDenied')],
  ])('with its checkpoint, once the cause is resolved: %s', (_, rule) => {
    const world = uploadWorld({ faults: [rule] });
    const error = failed(() => world.upload({ taskNum: 1, retry: THREE_ATTEMPTS }));
    expect(error.resumable).toBe(true);
    expect(error.checkpoint).not.toBeNull();
    world.fake.clearFaults();
    expectUploaded(world.reconnect(), resumeAsJson(world.reconnect(), error.checkpoint));
  });
});

describe('an upload that resumes itself a limited number of times, as in the guide', () => {
  function persistent(world: UploadWorld, options: object): Recording<UploadEvent> {
    const { obs, file } = world;
    const request = {
      bucket: 'media',
      key: 'film.mp4',
      sourceFile: file,
      partSize: PART,
      retry: THREE_ATTEMPTS,
      ...options,
    };
    const persistent$ = (times: number, uploadCheckpoint: UploadCheckpoint | null = null): Observable<UploadEvent> =>
      uploadFile$(obs, { ...request, uploadCheckpoint }).pipe(
        catchError((error: unknown) => {
          if (times === 0 || !isUploadError(error) || !error.resumable) return throwError(() => error);
          return timer(30_000).pipe(switchMap(() => persistent$(times - 1, error.checkpoint)));
        }),
      );
    return runVirtually(() => record(persistent$(3)));
  }

  it.each<[what: string, rule: FaultRule | null, options: object]>([
    ['invalid options', null, { taskNum: 0 }],
    ['a missing bucket', on(INITIATE, ALWAYS).respond(404, 'NoSuchBucket'), {}],
    ['refused credentials', on(INITIATE, ALWAYS).respond(403, 'InvalidAccessKeyId'), {}],
  ])('ends at once on %s', (_, rule, options) => {
    const world = uploadWorld(rule === null ? {} : { faults: [rule] });
    const events = persistent(world, options);
    expect(events.error).toBeDefined();
    expect(events.endedAt).toBeLessThan(1000);
  });

  it('survives a temporary network failure', () => {
    const world = uploadWorld({ faults: [on('uploadPart', { arrival: 3, times: 4 }).reset()] });
    const events = persistent(world, {});
    expect(events.completed).toBe(true);
    expect(world.fake.arrivals(INITIATE)).toHaveLength(1);
  });
});

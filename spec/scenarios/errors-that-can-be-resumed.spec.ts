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
import { expectSurvived, interrupted, resumeAsJson, THREE_TIMES } from '../support/scenario-world.js';
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
  it('of invalid options', () => {
    const world = uploadWorld();
    expect(failed(() => world.upload({ taskNum: 0 }))).toMatchObject({ resumable: false, checkpoint: null });
  });

  it.each<[what: string, rule: FaultRule]>([
    ['a bucket that is not there', on(INITIATE, ALWAYS).respond(404, 'NoSuchBucket')],
    ['credentials that are refused', on(INITIATE, ALWAYS).respond(403, 'InvalidAccessKeyId')],
    ['a signature that is refused', on(INITIATE, ALWAYS).respond(403, 'SignatureDoesNotMatch')],
    ['a request that is denied', on(INITIATE, ALWAYS).respond(403, 'AccessDenied')],
    ['a key that is too long for the store', on(INITIATE, ALWAYS).respond(400, 'KeyTooLongError')],
    ['a bucket of another region', on(INITIATE, ALWAYS).respond(301, 'PermanentRedirect')],
  ])('where nothing was started: %s', (_, rule) => {
    const world = uploadWorld({ faults: [rule] });
    expect(failed(() => world.upload({ retry: THREE_TIMES }))).toMatchObject({
      resumable: false,
      checkpoint: null,
    });
  });

  it('of a single PUT that is refused', () => {
    const faults = [on('putObject', ALWAYS).respond(403, 'AccessDenied')];
    const world = uploadWorld({ faults }, {}, fakeSource({ size: 5 }));
    expect(failed(() => world.upload()).resumable).toBe(false);
  });

  it('of a checkpoint that cannot be used', () => {
    const world = uploadWorld();
    const foreign = { ...interrupted(world), bucket: 'other' };
    expect(failed(() => world.resume(foreign)).resumable).toBe(false);
  });

  it('of a bucket that was deleted meanwhile', () => {
    const faults = [on('uploadPart', { ...ALWAYS, arrival: 3 }).respond(404, 'NoSuchBucket')];
    const world = uploadWorld({ faults });
    const error = failed(() => world.upload({ taskNum: 1 }));
    expect(error.checkpoint?.parts).toHaveLength(2);
    expect(error.resumable).toBe(false);
  });

  it('of parts of which the store makes no object', () => {
    const world = uploadWorld({ minPartBytes: PART + 1 });
    expect(failed(() => world.upload())).toMatchObject({ serviceCode: 'EntityTooSmall', resumable: false });
  });

  it('that is not of this library', () => {
    expect(toUploadErrorInfo(new Error('mine'))).toMatchObject({ code: 'unexpected', resumable: false });
  });
});

describe('an error is resumable', () => {
  it.each<[what: string, rule: FaultRule]>([
    ['a network that was away', on(INITIATE, ALWAYS).reset()],
    ['a service that was down', on(INITIATE, ALWAYS).respond(503, 'ServiceUnavailable')],
  ])('though nothing was started, where it passes by itself: %s', (_, rule) => {
    const world = uploadWorld({ faults: [rule] });
    const error = failed(() => world.upload({ retry: THREE_TIMES }));
    expect(error).toMatchObject({ resumable: true, checkpoint: null });
    world.fake.clearFaults();
    expectSurvived(world, resumeAsJson(world, error.checkpoint));
  });

  it.each<[what: string, rule: FaultRule]>([
    ['a network', on('uploadPart', { ...ALWAYS, arrival: 3 }).reset()],
    ['credentials', on('uploadPart', { ...ALWAYS, arrival: 3 }).respond(403, 'InvalidAccessKeyId')],
    ['a right that was taken away', on('completeMultipartUpload', ALWAYS).respond(403, 'AccessDenied')],
  ])('by its checkpoint, once the cause is gone: %s', (_, rule) => {
    const world = uploadWorld({ faults: [rule] });
    const error = failed(() => world.upload({ taskNum: 1, retry: THREE_TIMES }));
    expect(error.resumable).toBe(true);
    expect(error.checkpoint).not.toBeNull();
    world.fake.clearFaults();
    expectSurvived(world.reconnect(), resumeAsJson(world.reconnect(), error.checkpoint));
  });
});

describe('an upload that resumes by itself a limited number of times, as in the guide', () => {
  function persistent(world: UploadWorld, options: object): Recording<UploadEvent> {
    const { obs, file } = world;
    const request = {
      bucket: 'media',
      key: 'film.mp4',
      sourceFile: file,
      partSize: PART,
      retry: THREE_TIMES,
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

  it('survives a network that is away for a while', () => {
    const world = uploadWorld({ faults: [on('uploadPart', { arrival: 3, times: 4 }).reset()] });
    const events = persistent(world, {});
    expect(events.completed).toBe(true);
    expect(world.fake.arrivals(INITIATE)).toHaveLength(1);
  });
});

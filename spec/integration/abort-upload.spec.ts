import { concatMap, from, takeUntil, timer } from 'rxjs';
import {
  abortUpload$,
  CheckpointError,
  initiateMultipartUpload$,
  listUploads$,
  type UploadCheckpoint,
} from 'rx-obs-upload';
import { on } from 'rx-obs-upload/testing';
import { lastCheckpoint, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

function cancelUpload(world: UploadWorld, ms = 120.5): UploadCheckpoint {
  return lastCheckpoint(runVirtually(() => record(world.upload().pipe(takeUntil(timer(ms))))));
}

describe('abortUpload$', () => {
  it('deletes the parts from the server and emits the aborted upload', () => {
    const world = uploadWorld();
    const checkpoint = cancelUpload(world);
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
    const { bucket, key, uploadId } = checkpoint;
    expect(aborted).toMatchObject({ values: [{ bucket, key, uploadId }], completed: true });
    expect(world.fake.uploads()).toHaveLength(0);
  });

  it('is cold', () => {
    const world = uploadWorld();
    abortUpload$(world.obs, cancelUpload(world));
    expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });

  it('succeeds if the upload no longer exists', () => {
    const world = uploadWorld();
    const checkpoint = cancelUpload(world);
    world.fake.abortAllUploads();
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
    expect(aborted).toMatchObject({ completed: true, values: [{ uploadId: checkpoint.uploadId }] });
  });

  it('aborts again while parts remain, because one in flight may arrive after the first abort', () => {
    const world = uploadWorld();
    const checkpoint = cancelUpload(world);
    world.fake.addFaults(on('abortMultipartUpload', { times: 2 }).respond(204, null, { body: '' }));
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
    expect(aborted.completed).toBe(true);
    expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(3);
    expect(world.fake.uploads()).toHaveLength(0);
  });

  it('fails instead of repeating for ever if parts always remain', () => {
    const world = uploadWorld();
    const checkpoint = cancelUpload(world);
    world.fake.addFaults(on('abortMultipartUpload', { times: Infinity }).respond(204, null, { body: '' }));
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
    expect(aborted.error).toMatchObject({ name: 'ServiceError', operation: 'abortMultipartUpload' });
  });

  it('trusts the response if listing the parts is denied', () => {
    const world = uploadWorld();
    const checkpoint = cancelUpload(world);
    world.fake.addFaults(on('listParts', { times: Infinity }).respond(403, 'AccessDenied'));
    expect(runVirtually(() => record(abortUpload$(world.obs, checkpoint))).completed).toBe(true);
  });

  it('retries after a network error', () => {
    const world = uploadWorld();
    const checkpoint = cancelUpload(world);
    world.fake.addFaults(on('abortMultipartUpload').reset());
    runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
    expect(world.fake.uploads()).toHaveLength(0);
  });

  it('fails if it is denied, and keeps the parts', () => {
    const world = uploadWorld();
    const checkpoint = cancelUpload(world);
    world.fake.addFaults(on('abortMultipartUpload', { times: Infinity }).respond(403, 'AccessDenied'));
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
    expect(aborted.error).toMatchObject({ name: 'ServiceError', serviceCode: 'AccessDenied' });
    expect(world.fake.uploads()).toHaveLength(1);
  });

  it.each([
    ['of another server', { server: 'https://other.test' }, 'server'],
    ['that is invalid', { parts: null }, 'parts'],
  ])('rejects a checkpoint %s before any request', (_, change, field) => {
    const world = uploadWorld();
    const checkpoint = { ...cancelUpload(world), ...change } as UploadCheckpoint;
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
    expect(aborted.error).toBeInstanceOf(CheckpointError);
    expect(aborted.error).toMatchObject({ field });
    expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });
});

describe('listUploads$', () => {
  it('finds the upload of an initiate that was cancelled before its response', () => {
    const world = uploadWorld();
    runVirtually(() => {
      const events = record(world.upload());
      at(5, () => events.unsubscribe());
      return events;
    });
    const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film' })));
    expect(found.values).toMatchObject([{ key: 'film.mp4', uploadId: world.fake.uploads()[0]?.uploadId }]);
  });

  it('lists all pages, with any characters in the keys', () => {
    const { fake, obs } = uploadWorld({ latencyMs: 0 });
    const keys = Array.from({ length: 1005 }, (_, i) => `a +%&/中文🎈 ${String(i).padStart(4, '0')}`);
    const found = runVirtually(() => {
      record(from(keys).pipe(concatMap((key) => initiateMultipartUpload$(obs, { bucket: 'media', key }))));
      return record(timer(1).pipe(concatMap(() => listUploads$(obs, { bucket: 'media' }))));
    });
    expect(found.values.map((upload) => upload.key)).toEqual(keys);
    expect(fake.arrivals('listMultipartUploads')).toHaveLength(2);
  });
});

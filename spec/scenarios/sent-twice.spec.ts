import { abortMultipartUpload$, abortUpload$, listUploads$, type UploadEvent } from 'rx-obs-upload';
import { fakeSource, on, type FakeObsOptions, type FaultRule } from 'rx-obs-upload/testing';
import { eventsOf, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  expectFailed,
  expectFired,
  expectUploaded,
  first,
  interrupted,
  resumeAsJson,
} from '../support/scenario-world.js';

const COMPLETE = 'completeMultipartUpload';
const ALWAYS = { times: Number.POSITIVE_INFINITY };

function run(
  faults: readonly FaultRule[],
  options: Parameters<UploadWorld['upload']>[0] = {},
  fake: FakeObsOptions = {},
): { readonly world: UploadWorld; readonly events: Recording<UploadEvent> } {
  const world = uploadWorld({ faults, ...fake });
  const events = runVirtually(() => record(world.upload(options)));
  expectFired(...faults);
  return { world, events };
}

describe('a browser that resends requests by itself', () => {
  describe('complete', () => {
    it('is verified by HEAD if the page gets NoSuchUpload', () => {
      const { world, events } = run([on(COMPLETE).resend()]);
      expect(expectUploaded(world, events).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE).map(({ status }) => status)).toEqual([null, 404]);
      expect(world.fake.arrivals('headObject')).toHaveLength(1);
      expect(typesOf(events)).not.toContain('restarted');
      expect(typesOf(events)).not.toContain('retrying');
    });

    it('succeeds if the page gets a 200, as from a store that completes again', () => {
      const again = on(COMPLETE, { arrival: 2 }).respond(200, null, {
        body: '<CompleteMultipartUploadResult><ETag>""</ETag></CompleteMultipartUploadResult>',
      });
      const { world, events } = run([on(COMPLETE).resend(), again]);
      expect(expectUploaded(world, events).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(2);
    });

    it('succeeds with forbidOverwrite, as the refusal is ambiguous', () => {
      const { world, events } = run([on(COMPLETE).resend()], { forbidOverwrite: true });
      expect([409, 412]).toContain(world.fake.arrivals(COMPLETE)[1]?.status);
      expect(expectUploaded(world, events).verified).toBe('etag');
    });

    it('fails with forbidOverwrite if the object is from another writer', () => {
      const world = uploadWorld({ faults: [on(COMPLETE).resend()] });
      world.fake.putObject('media', 'film.mp4', new Uint8Array(world.file.size));
      const events = runVirtually(() => record(world.upload({ forbidOverwrite: true })));
      expectFailed(world, events, { name: 'ServiceError', operation: COMPLETE });
      expect(world.fake.object('film.mp4')?.uploadId).toBeNull();
      expect(world.fake.uploads()).toHaveLength(1);
    });

    it.each([
      ['HEAD is forbidden', on('headObject', ALWAYS).respond(403)],
      ['HEAD shows nothing', on('headObject', ALWAYS).hideHeaders('etag', 'x-obs-uploadid')],
      [
        'another writer has replaced the object',
        on('headObject').act((control, { bucket, key }) =>
          control.putObject(bucket ?? '', key ?? '', new Uint8Array(7)),
        ),
      ],
    ])('fails with complete-unknown, without a silent restart, if %s', (_, obstacle) => {
      const { world, events } = run([on(COMPLETE).resend(), obstacle]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      expect(typesOf(events)).not.toContain('restarted');
    });

    it('is verified by HEAD if the second response is lost too', () => {
      const { world, events } = run([on(COMPLETE).resend(), on(COMPLETE, { arrival: 2 }).loseResponse()]);
      expect(expectUploaded(world, events).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(2);
    });
  });

  describe('a part', () => {
    it.each(['none', 'md5'] as const)('is one part of the object (checksum: %s)', (checksum) => {
      const fault = on('uploadPart', { partNumber: 2 }).resend();
      const { world, events } = run([fault], { checksum });
      expect(expectUploaded(world, events).verified).toBe('etag');
      expect(world.fake.arrivals('uploadPart', 2).map(({ status }) => status)).toEqual([null, 200]);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(5);
      expect(eventsOf(events, 'part-completed')).toHaveLength(4);
    });

    it('does not damage the object, even if each part is resent', () => {
      const { world, events } = run([on('uploadPart', { ...ALWAYS, when: everySecond() }).resend()], { taskNum: 4 });
      expectUploaded(world, events);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(8);
      expect(world.fake.partsOf(world.fake.object('film.mp4')?.uploadId ?? '')).toEqual([]);
    });
  });

  describe('initiate', () => {
    it('leaves an orphan, which listUploads$ finds', () => {
      const { world, events } = run([on('initiateMultipartUpload').resend()]);
      expectUploaded(world, events);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
      const used = first(events, 'started')?.uploadId;
      const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film.mp4' })));
      expect(found.values).toHaveLength(1);
      expect(found.values[0]).toMatchObject({ key: 'film.mp4' });
      expect(found.values[0]?.uploadId).not.toBe(used);
    });

    it('leaves an orphan that can be aborted before the upload is resumed', () => {
      const fault = on('initiateMultipartUpload').resend();
      const world = uploadWorld({ faults: [fault] });
      const checkpoint = interrupted(world);
      expectFired(fault);
      const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media' })));
      const orphans = found.values.filter(({ uploadId }) => uploadId !== checkpoint.uploadId);
      expect(orphans).toHaveLength(1);
      const orphan = { bucket: 'media', key: 'film.mp4', uploadId: orphans[0]?.uploadId ?? '' };
      expect(runVirtually(() => record(abortMultipartUpload$(world.obs, orphan))).error).toBeUndefined();
      const resumed = resumeAsJson(world, checkpoint);
      expect(resumed.values.at(-1)?.type).toBe('completed');
      expect(world.fake.object('film.mp4')?.uploadId).toBe(checkpoint.uploadId);
      expect(world.fake.uploads()).toHaveLength(0);
    });
  });

  it('does no harm with list parts and HEAD', () => {
    const world = uploadWorld();
    const checkpoint = interrupted(world);
    const faults = [on('listParts').resend(), on(COMPLETE).loseResponse(), on('headObject').resend()];
    world.fake.addFaults(...faults);
    expectUploaded(world, resumeAsJson(world, checkpoint));
    expectFired(...faults);
    expect(world.fake.arrivals('listParts')).toHaveLength(2);
  });

  it('makes the same object with a single PUT', () => {
    const fault = on('putObject').resend();
    const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ name: 'film.mp4', size: PART }));
    const events = runVirtually(() => record(world.upload()));
    expectFired(fault);
    expectUploaded(world, events);
    expect(world.fake.arrivals('putObject')).toHaveLength(2);
  });

  it('deletes the upload with abort', () => {
    const world = uploadWorld();
    const checkpoint = interrupted(world);
    const fault = on('abortMultipartUpload').resend();
    world.fake.addFaults(fault);
    expect(runVirtually(() => record(abortUpload$(world.obs, checkpoint))).completed).toBe(true);
    expectFired(fault);
    expect(world.fake.uploads()).toHaveLength(0);
  });

  it('completes the upload and leaves an orphan if every request is resent', () => {
    const { world, events } = run([on('any', { ...ALWAYS, when: everySecond() }).resend()]);
    expectUploaded(world, events);
    expect(world.fake.uploads()).toHaveLength(1);
  });
});

/** Matches each request, but not the one that the fault resends. */
function everySecond(): () => boolean {
  let n = 0;
  return () => n++ % 2 === 0;
}

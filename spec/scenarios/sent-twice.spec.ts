import { abortMultipartUpload$, abortUpload$, listUploads$, type UploadEvent } from 'rx-obs-upload';
import { fakeSource, on, type FakeObsOptions, type FaultRule } from 'rx-obs-upload/testing';
import { eventsOf, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  expectFailed,
  expectFired,
  expectSurvived,
  first,
  interrupted,
  resumeAsJson,
} from '../support/scenario-world.js';

const COMPLETE = 'completeMultipartUpload';
const FOR_EVER = { times: Number.POSITIVE_INFINITY };

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

describe('the browser sends twice by itself', () => {
  describe('complete', () => {
    it('the page sees NoSuchUpload to its first complete: the object is looked at', () => {
      const { world, events } = run([on(COMPLETE).resend()]);
      expect(expectSurvived(world, events).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE).map(({ status }) => status)).toEqual([null, 404]);
      expect(world.fake.arrivals('headObject')).toHaveLength(1);
      expect(typesOf(events)).not.toContain('restarted');
      expect(typesOf(events)).not.toContain('retrying');
    });

    it('the page sees one 200, as of a store that completes again: a success', () => {
      const again = on(COMPLETE, { arrival: 2 }).respond(200, null, {
        body: '<CompleteMultipartUploadResult><ETag>""</ETag></CompleteMultipartUploadResult>',
      });
      const { world, events } = run([on(COMPLETE).resend(), again]);
      expect(expectSurvived(world, events).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(2);
    });

    it('and the key may not be overwritten: the refusal is ambiguous first', () => {
      const { world, events } = run([on(COMPLETE).resend()], { forbidOverwrite: true });
      expect([409, 412]).toContain(world.fake.arrivals(COMPLETE)[1]?.status);
      expect(expectSurvived(world, events).verified).toBe('etag');
    });

    it('and somebody else’s object was there, which may not be overwritten: an error, not a success', () => {
      const world = uploadWorld({ faults: [on(COMPLETE).resend()] });
      world.fake.putObject('media', 'film.mp4', new Uint8Array(world.file.size));
      const events = runVirtually(() => record(world.upload({ forbidOverwrite: true })));
      expectFailed(world, events, { name: 'ServiceError', operation: COMPLETE });
      expect(world.fake.object('film.mp4')?.uploadId).toBeNull();
      expect(world.fake.uploads()).toHaveLength(1);
    });

    it.each([
      ['HEAD is forbidden', on('headObject', FOR_EVER).respond(403)],
      ['HEAD shows nothing', on('headObject', FOR_EVER).hideHeaders('etag', 'x-obs-uploadid')],
      [
        'another writer has won',
        on('headObject').act((control, { bucket, key }) =>
          control.putObject(bucket ?? '', key ?? '', new Uint8Array(7)),
        ),
      ],
    ])('and %s: complete-unknown, never a silent restart', (_, blind) => {
      const { world, events } = run([on(COMPLETE).resend(), blind]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      expect(typesOf(events)).not.toContain('restarted');
    });

    it('and the second answer is lost too: the object is looked at', () => {
      const { world, events } = run([on(COMPLETE).resend(), on(COMPLETE, { arrival: 2 }).loseResponse()]);
      expect(expectSurvived(world, events).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(2);
    });
  });

  describe('a part', () => {
    it.each(['none', 'md5'] as const)('is one part of the object, checksum %s', (checksum) => {
      const fault = on('uploadPart', { partNumber: 2 }).resend();
      const { world, events } = run([fault], { checksum });
      expect(expectSurvived(world, events).verified).toBe('etag');
      expect(world.fake.arrivals('uploadPart', 2).map(({ status }) => status)).toEqual([null, 200]);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(5);
      expect(eventsOf(events, 'part-completed')).toHaveLength(4);
    });

    it('each of them: counted by what arrived, the file is whole', () => {
      const { world, events } = run([on('uploadPart', { ...FOR_EVER, when: everySecond() }).resend()], { taskNum: 4 });
      expectSurvived(world, events);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(8);
      expect(world.fake.partsOf(world.fake.object('film.mp4')?.uploadId ?? '')).toEqual([]);
    });
  });

  describe('initiate', () => {
    it('leaves an orphan, which listUploads$ finds', () => {
      const { world, events } = run([on('initiateMultipartUpload').resend()]);
      expectSurvived(world, events);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
      const used = first(events, 'started')?.uploadId;
      const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film.mp4' })));
      expect(found.values).toHaveLength(1);
      expect(found.values[0]).toMatchObject({ key: 'film.mp4' });
      expect(found.values[0]?.uploadId).not.toBe(used);
    });

    it('whose orphan is given up: the upload continues', () => {
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

  it('list parts and HEAD: no harm', () => {
    const world = uploadWorld();
    const checkpoint = interrupted(world);
    const faults = [on('listParts').resend(), on(COMPLETE).loseResponse(), on('headObject').resend()];
    world.fake.addFaults(...faults);
    expectSurvived(world, resumeAsJson(world, checkpoint));
    expectFired(...faults);
    expect(world.fake.arrivals('listParts')).toHaveLength(2);
  });

  it('one PUT: the same object', () => {
    const fault = on('putObject').resend();
    const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ name: 'film.mp4', size: PART }));
    const events = runVirtually(() => record(world.upload()));
    expectFired(fault);
    expectSurvived(world, events);
    expect(world.fake.arrivals('putObject')).toHaveLength(2);
  });

  it('abort: the upload is gone, which is what was asked for', () => {
    const world = uploadWorld();
    const checkpoint = interrupted(world);
    const fault = on('abortMultipartUpload').resend();
    world.fake.addFaults(fault);
    expect(runVirtually(() => record(abortUpload$(world.obs, checkpoint))).completed).toBe(true);
    expectFired(fault);
    expect(world.fake.uploads()).toHaveLength(0);
  });

  it('every request: the file arrives, with an orphan', () => {
    const { world, events } = run([on('any', { ...FOR_EVER, when: everySecond() }).resend()]);
    expectSurvived(world, events);
    expect(world.fake.uploads()).toHaveLength(1);
  });
});

/** Each request, but not the one that is sent by the fault itself. */
function everySecond(): () => boolean {
  let n = 0;
  return () => n++ % 2 === 0;
}

import { takeUntil, takeWhile, timer } from 'rxjs';
import type { UploadResult } from 'rx-obs-upload';
import { fakeSource, on, type FaultRule } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, lastCheckpoint, PART, typesOf, uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

const COMPLETE = 'completeMultipartUpload';

function upload(...faults: FaultRule[]) {
  const world = uploadWorld({ faults });
  const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
  for (const fault of faults) expect([fault.name, fault.fired > 0]).toEqual([fault.name, true]);
  const result: UploadResult | undefined = eventsOf(events, 'completed')[0]?.result;
  return { ...world, events, result, completes: world.fake.arrivals(COMPLETE).length };
}

describe('complete', () => {
  it('is known to have worked when its answer is lost', () => {
    const { fake, file, result, completes } = upload(on(COMPLETE).loseResponse());
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
    expect(completes).toBe(1);
  });

  it('is known to have worked when the browser sent it twice and shows NoSuchUpload', () => {
    const { fake, file, result, completes } = upload(on(COMPLETE).resend());
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
    expect(completes).toBe(2);
  });

  it.each([
    ['http://media.elsewhere.test/film.mp4', 'http://media.elsewhere.test/film.mp4'],
    ['localhost/media/film.mp4', 'https://media.obs.test/film.mp4'],
    ['', 'https://media.obs.test/film.mp4'],
  ])('has a URL for its result where the response has %j', (told, expected) => {
    const body = `<CompleteMultipartUploadResult><Location>${told}</Location></CompleteMultipartUploadResult>`;
    const { fake, file, result } = upload(on(COMPLETE).respond(200, null, { body, takesEffect: true }));
    expectObject(fake, 'film.mp4', file);
    expect(result?.location).toBe(expected);
  });

  it.each([500, 502, 503, 504])('is known to have worked when %i was said after it did', (status) => {
    const { fake, file, completes } = upload(on(COMPLETE).respond(status, 'InternalError', { takesEffect: true }));
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(1);
  });

  it('is known to have worked when the answer stalls after it did', () => {
    const { fake, file, completes } = upload(on(COMPLETE).stall('after-effect'));
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(1);
  });

  it.each([
    ['the connection breaks before it takes effect', on(COMPLETE).reset()],
    ['500 before it takes effect', on(COMPLETE).respond(500, 'InternalError')],
    ['200 with an Error inside', on(COMPLETE).errorIn200('InternalError')],
    ["200 with a captive portal's page", on(COMPLETE).htmlPage()],
    ['silence', on(COMPLETE).stall('before-response')],
  ])('is sent again after %s', (_, fault) => {
    const { fake, file, events, result, completes } = upload(fault);
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
    expect(completes).toBe(2);
    expect(eventsOf(events, 'retrying')).toHaveLength(1);
  });

  it('waits for an answer that drips for a minute', () => {
    const { fake, file, completes } = upload(on(COMPLETE).drip(60_000));
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(1);
  });

  it('is not mistaken for done because an older object of equal size lies under the key', () => {
    const { fake, file, completes } = upload(
      on(COMPLETE).act((control, { bucket, key }) =>
        control.putObject(bucket ?? '', key ?? '', new Uint8Array(3 * PART + 1000)),
      ),
      on(COMPLETE, { arrival: 1 }).reset(),
    );
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(2);
  });

  it('ends as complete-unknown when another writer has won and the upload is gone', () => {
    const { events, fake, completes } = upload(
      on(COMPLETE).loseResponse(),
      on('headObject').act((control, { bucket, key }) => control.putObject(bucket ?? '', key ?? '', new Uint8Array(7))),
    );
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'complete-unknown' });
    expect(fake.object('film.mp4')?.size).toBe(7);
    expect(completes).toBe(1);
  });

  it('ends as complete-unknown when the object may not be looked at', () => {
    const { events } = upload(
      on(COMPLETE).loseResponse(),
      on('headObject', { times: Infinity }).respond(403, 'AccessDenied'),
    );
    expect(events.error).toMatchObject({ code: 'complete-unknown' });
  });

  it('ends as complete-unknown when neither upload id nor ETag can be read', () => {
    const { events } = upload(
      on(COMPLETE).loseResponse(),
      on('headObject', { times: Infinity }).hideHeaders('etag', 'x-obs-uploadid'),
    );
    expect(events.error).toMatchObject({ code: 'complete-unknown' });
  });

  it('recognises the object by its ETag alone', () => {
    const { result } = upload(on(COMPLETE).loseResponse(), on('headObject').hideHeaders('x-obs-uploadid'));
    expect(result?.verified).toBe('etag');
  });

  it('recognises the object by its upload id alone, and verifies its size', () => {
    const { result } = upload(on(COMPLETE).loseResponse(), on('headObject').hideHeaders('etag'));
    expect(result?.verified).toBe('size');
  });

  it.each([
    ['by HEAD where the answer has no ETag', [on(COMPLETE).emptyEtag()], 'etag'],
    ['by size where HEAD hides the ETag', [on(COMPLETE).emptyEtag(), on('headObject').hideHeaders('etag')], 'size'],
    [
      'by nothing where HEAD is forbidden',
      [on(COMPLETE).emptyEtag(), on('headObject', { times: Infinity }).respond(403, 'AccessDenied')],
      'none',
    ],
  ] as const)('is verified %s', (_, faults, verified) => {
    expect(upload(...faults).result?.verified).toBe(verified);
  });

  it('never fails after a 200 because of what HEAD shows', () => {
    const { result } = upload(
      on(COMPLETE).emptyEtag(),
      on('headObject').act((control, { bucket, key }) => control.putObject(bucket ?? '', key ?? '', new Uint8Array(7))),
    );
    expect(result?.verified).toBe('none');
  });

  it('sends a part again that the service turns out not to have', () => {
    const { fake, file, events, completes } = upload(
      on(COMPLETE).act((control, { uploadId }) => control.deletePart(uploadId ?? '', 2)),
    );
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'warning')[0]?.error).toMatchObject({ serviceCode: 'InvalidPart' });
    expect(fake.arrivals('uploadPart', 2)).toHaveLength(2);
    expect(fake.arrivals('uploadPart')).toHaveLength(5);
    expect(completes).toBe(2);
  });

  it('takes ETags that CORS hides from the list of parts', () => {
    const { fake, file, result } = upload(on('uploadPart', { times: Infinity }).hideHeaders('etag'));
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
  });

  it('says which header to expose when the ETags can be had no way at all', () => {
    const { fake, events } = upload(
      on('uploadPart', { times: Infinity }).hideHeaders('etag'),
      on('listParts', { times: Infinity }).respond(403, 'AccessDenied'),
    );
    expect(events.error).toMatchObject({
      name: 'NetworkError',
      code: 'cors-expose',
      message: expect.stringContaining('ExposeHeader'),
    });
    expect(fake.uploads()).toHaveLength(1);
  });

  it('ends in InvalidPart where parts may not be listed; the upload stays', () => {
    const { fake, events } = upload(
      on(COMPLETE).act((control, { uploadId }) => control.deletePart(uploadId ?? '', 2)),
      on('listParts', { times: Infinity }).respond(403, 'AccessDenied'),
    );
    expect(events.error).toMatchObject({ name: 'ServiceError', serviceCode: 'InvalidPart' });
    expect(fake.uploads()).toHaveLength(1);
  });

  it('says clearly that parts were too small for the store', () => {
    const world = uploadWorld({ minPartBytes: 5 * 1024 * 1024 });
    const events = runVirtually(() => record(world.upload()));
    expect(events.error).toMatchObject({ serviceCode: 'EntityTooSmall', message: expect.stringContaining('partSize') });
  });

  it('takes the answer of the callback server for success, and its failure for a warning', () => {
    const callback = { url: 'https://app.example/done', body: 'key=$(key)' };
    for (const answer of ['<html>ok</html>', null]) {
      const world = uploadWorld({ callback: () => answer });
      const events = runVirtually(() => record(world.upload({ callback })));
      expect(typesOf(events).at(-1)).toBe('completed');
      expect(typesOf(events).includes('warning')).toBe(answer === null);
      expectObject(world.fake, 'film.mp4', world.file);
    }
  });

  it('says that nobody knows when the key may not be overwritten and the first answer was lost', () => {
    const world = uploadWorld({ faults: [on(COMPLETE).loseResponse()] });
    const events = runVirtually(() => record(world.upload({ forbidOverwrite: true })));
    expectObject(world.fake, 'film.mp4', world.file);
    expect(typesOf(events).at(-1)).toBe('completed');
  });
});

describe('a resume without the list of parts', () => {
  it('believes the checkpoint, with a warning', () => {
    const world = uploadWorld();
    const cancelled = runVirtually(() => record(world.upload().pipe(takeUntil(timer(120.5)))));
    world.fake.addFaults(on('listParts', { times: Infinity }).respond(403, 'AccessDenied'));
    const resumed = runVirtually(() => record(world.resume(lastCheckpoint(cancelled))));
    expect(typesOf(resumed)[0]).toBe('warning');
    expectObject(world.fake, 'film.mp4', world.file);
    expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(4);
  });

  it('sees more than a thousand parts, page by page', () => {
    const file = fakeSource({ size: 2500 * PART });
    const world = uploadWorld({ latencyMs: 0, bytesPerSecond: null, etags: 'fast' }, {}, file);
    const cancelled = runVirtually(() =>
      record(world.upload().pipe(takeWhile((event) => event.type !== 'part-completed' || event.partNumber < 1500))),
    );
    const resumed = runVirtually(() =>
      record(world.resume({ ...lastCheckpoint(cancelled), parts: lastCheckpoint(cancelled).parts.slice(0, 1) })),
    );
    expect(world.fake.arrivals('listParts')).toHaveLength(2);
    expect(eventsOf(resumed, 'started')[0]?.resumedBytes).toBeGreaterThanOrEqual(1500 * PART);
    expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(2500);
    expect(typesOf(resumed).at(-1)).toBe('completed');
  });
});

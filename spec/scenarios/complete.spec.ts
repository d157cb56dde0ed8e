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
  it('succeeds when its response is lost', () => {
    const { fake, file, result, completes } = upload(on(COMPLETE).loseResponse());
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
    expect(completes).toBe(1);
  });

  it('succeeds when the browser resends it and gets NoSuchUpload', () => {
    const { fake, file, result, completes } = upload(on(COMPLETE).resend());
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
    expect(completes).toBe(2);
  });

  it.each([
    ['http://media.elsewhere.test/film.mp4', 'http://media.elsewhere.test/film.mp4'],
    ['localhost/media/film.mp4', 'https://media.obs.test/film.mp4'],
    ['', 'https://media.obs.test/film.mp4'],
  ])('results in a URL if the response has the location %j', (location, expected) => {
    const body = `<CompleteMultipartUploadResult><Location>${location}</Location></CompleteMultipartUploadResult>`;
    const { fake, file, result } = upload(on(COMPLETE).respond(200, null, { body, takesEffect: true }));
    expectObject(fake, 'film.mp4', file);
    expect(result?.location).toBe(expected);
  });

  it.each([500, 502, 503, 504])('succeeds when it gets %i after it took effect', (status) => {
    const { fake, file, completes } = upload(on(COMPLETE).respond(status, 'InternalError', { takesEffect: true }));
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(1);
  });

  it('succeeds when the response stalls after it took effect', () => {
    const { fake, file, completes } = upload(on(COMPLETE).stall('after-effect'));
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(1);
  });

  it.each([
    ['the connection breaks before it takes effect', on(COMPLETE).reset()],
    ['500 before it takes effect', on(COMPLETE).respond(500, 'InternalError')],
    ['200 with an Error inside', on(COMPLETE).errorIn200('InternalError')],
    ["200 with a captive portal's page", on(COMPLETE).htmlPage()],
    ['no response', on(COMPLETE).stall('before-response')],
  ])('is sent again after %s', (_, fault) => {
    const { fake, file, events, result, completes } = upload(fault);
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
    expect(completes).toBe(2);
    expect(eventsOf(events, 'retrying')).toHaveLength(1);
  });

  it('waits for a response that drips for a minute', () => {
    const { fake, file, completes } = upload(on(COMPLETE).drip(60_000));
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(1);
  });

  it('is sent again although an older object of the same size exists under the key', () => {
    const { fake, file, completes } = upload(
      on(COMPLETE).act((control, { bucket, key }) =>
        control.putObject(bucket ?? '', key ?? '', new Uint8Array(3 * PART + 1000)),
      ),
      on(COMPLETE, { arrival: 1 }).reset(),
    );
    expectObject(fake, 'film.mp4', file);
    expect(completes).toBe(2);
  });

  it('fails with complete-unknown when another writer has replaced the object', () => {
    const { events, fake, completes } = upload(
      on(COMPLETE).loseResponse(),
      on('headObject').act((control, { bucket, key }) => control.putObject(bucket ?? '', key ?? '', new Uint8Array(7))),
    );
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'complete-unknown' });
    expect(fake.object('film.mp4')?.size).toBe(7);
    expect(completes).toBe(1);
  });

  it('fails with complete-unknown when HEAD is forbidden', () => {
    const { events } = upload(
      on(COMPLETE).loseResponse(),
      on('headObject', { times: Infinity }).respond(403, 'AccessDenied'),
    );
    expect(events.error).toMatchObject({ code: 'complete-unknown' });
  });

  it('fails with complete-unknown when neither upload id nor ETag can be read', () => {
    const { events } = upload(
      on(COMPLETE).loseResponse(),
      on('headObject', { times: Infinity }).hideHeaders('etag', 'x-obs-uploadid'),
    );
    expect(events.error).toMatchObject({ code: 'complete-unknown' });
  });

  it('recognizes the object by its ETag alone', () => {
    const { result } = upload(on(COMPLETE).loseResponse(), on('headObject').hideHeaders('x-obs-uploadid'));
    expect(result?.verified).toBe('etag');
  });

  it('recognizes the object by its upload id alone, and verifies its size', () => {
    const { result } = upload(on(COMPLETE).loseResponse(), on('headObject').hideHeaders('etag'));
    expect(result?.verified).toBe('size');
  });

  it.each([
    ['by HEAD if the response has no ETag', [on(COMPLETE).emptyEtag()], 'etag'],
    ['by size if HEAD hides the ETag too', [on(COMPLETE).emptyEtag(), on('headObject').hideHeaders('etag')], 'size'],
    [
      'by nothing if HEAD is forbidden',
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

  it('sends a part again that the service does not have', () => {
    const { fake, file, events, completes } = upload(
      on(COMPLETE).act((control, { uploadId }) => control.deletePart(uploadId ?? '', 2)),
    );
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'warning')[0]?.error).toMatchObject({ serviceCode: 'InvalidPart' });
    expect(fake.arrivals('uploadPart', 2)).toHaveLength(2);
    expect(fake.arrivals('uploadPart')).toHaveLength(5);
    expect(completes).toBe(2);
  });

  it('takes the ETags that CORS hides from the list of parts', () => {
    const { fake, file, result } = upload(on('uploadPart', { times: Infinity }).hideHeaders('etag'));
    expectObject(fake, 'film.mp4', file);
    expect(result?.verified).toBe('etag');
  });

  it('names the header to expose when the ETags cannot be read at all', () => {
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

  it('fails with InvalidPart when parts may not be listed, and leaves the upload', () => {
    const { fake, events } = upload(
      on(COMPLETE).act((control, { uploadId }) => control.deletePart(uploadId ?? '', 2)),
      on('listParts', { times: Infinity }).respond(403, 'AccessDenied'),
    );
    expect(events.error).toMatchObject({ name: 'ServiceError', serviceCode: 'InvalidPart' });
    expect(fake.uploads()).toHaveLength(1);
  });

  it('names partSize when parts are too small for the store', () => {
    const world = uploadWorld({ minPartBytes: 5 * 1024 * 1024 });
    const events = runVirtually(() => record(world.upload()));
    expect(events.error).toMatchObject({ serviceCode: 'EntityTooSmall', message: expect.stringContaining('partSize') });
  });

  it('succeeds with any response of the callback server, and warns if it fails', () => {
    const callback = { url: 'https://app.example/done', body: 'key=$(key)' };
    for (const response of ['<html>ok</html>', null]) {
      const world = uploadWorld({ callback: () => response });
      const events = runVirtually(() => record(world.upload({ callback })));
      expect(typesOf(events).at(-1)).toBe('completed');
      expect(typesOf(events).includes('warning')).toBe(response === null);
      expectObject(world.fake, 'film.mp4', world.file);
    }
  });

  it('succeeds with forbidOverwrite when the first response is lost', () => {
    const world = uploadWorld({ faults: [on(COMPLETE).loseResponse()] });
    const events = runVirtually(() => record(world.upload({ forbidOverwrite: true })));
    expectObject(world.fake, 'film.mp4', world.file);
    expect(typesOf(events).at(-1)).toBe('completed');
  });
});

describe('a resume', () => {
  it('trusts the checkpoint, with a warning, if parts may not be listed', () => {
    const world = uploadWorld();
    const cancelled = runVirtually(() => record(world.upload().pipe(takeUntil(timer(120.5)))));
    world.fake.addFaults(on('listParts', { times: Infinity }).respond(403, 'AccessDenied'));
    const resumed = runVirtually(() => record(world.resume(lastCheckpoint(cancelled))));
    expect(typesOf(resumed)[0]).toBe('warning');
    expectObject(world.fake, 'film.mp4', world.file);
    expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(4);
  });

  it('lists more than a thousand parts page by page', () => {
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

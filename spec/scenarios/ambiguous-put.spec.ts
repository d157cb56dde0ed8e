import { of } from 'rxjs';
import type { ObsConnectionOptions, Transport, TransportRequest, UploadEvent, UploadOptions } from 'rx-obs-upload';
import { bytesOf, fakeSource, on, type FakeObsOptions } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

const size = PART;
const forEver = { times: Number.POSITIVE_INFINITY };

function world(fake: FakeObsOptions = {}, connection: Partial<ObsConnectionOptions> = {}): UploadWorld {
  return uploadWorld(fake, connection, fakeSource({ name: 'film.mp4', size }));
}

function run({ upload }: UploadWorld, options: Partial<UploadOptions> = {}): Recording<UploadEvent> {
  return runVirtually(() => record(upload(options)));
}

function resultOf(events: Recording<UploadEvent>): unknown {
  expect(events.error).toBeUndefined();
  expect(events.completed).toBe(true);
  return eventsOf(events, 'completed')[0]?.result;
}

describe('a single PUT with an ambiguous outcome', () => {
  const conflicts = [
    ['409 of OBS', 409, 'ObjectAlreadyExists'],
    ['412 of S3', 412, 'PreconditionFailed'],
  ] as const;

  it.each(conflicts)('with forbidOverwrite: the response is lost, the retry gets %s', (_, status, code) => {
    const faults = [on('putObject').loseResponse(), on('putObject').respond(status, code)];
    const there = world({ faults });
    const events = run(there, { forbidOverwrite: true });
    expect(resultOf(events)).toMatchObject({ verified: 'etag', totalBytes: size });
    expectObject(there.fake, 'film.mp4', there.file);
    expect(there.fake.arrivals('putObject')).toHaveLength(2);
  });

  it('with forbidOverwrite: the browser sent it twice by itself', () => {
    const there = world({ faults: [on('putObject').resend()] });
    expect(resultOf(run(there, { forbidOverwrite: true }))).toMatchObject({ verified: 'etag' });
  });

  it('with forbidOverwrite: an older object with the same bytes is not ours', () => {
    const there = world({ clockSkewMs: 60_000 });
    const events = runVirtually(() => {
      there.fake.putObject('media', 'film.mp4', bytesOf(there.file));
      there.fake.setClockSkew(120_000);
      return record(there.upload({ forbidOverwrite: true, requestDate: new Date(120_000) }));
    });
    expect(events.error).toMatchObject({ name: 'ServiceError', status: 409 });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });

  it('with forbidOverwrite: an object with other bytes is not ours, even after a lost response', () => {
    const other = new Uint8Array(size);
    const faults = [
      on('putObject').reset({ afterBytes: size }),
      on('putObject').act((control) => control.putObject('media', 'film.mp4', other)),
    ];
    const events = run(world({ faults }), { forbidOverwrite: true });
    expect(events.error).toMatchObject({ name: 'ServiceError', status: 409 });
  });

  it('with forbidOverwrite: it stays unknown where ETags are no MD5s', () => {
    const faults = [on('putObject').loseResponse()];
    const events = run(world({ faults, bucketEncryption: 'kms' }), { forbidOverwrite: true });
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'complete-unknown' });
  });

  it('has taken effect although no response ever came', () => {
    const there = world({ faults: [on('putObject', forEver).loseResponse()] });
    const events = run(there, { retry: { maxAttempts: 2, jitter: 'none' } });
    expect(resultOf(events)).toMatchObject({ verified: 'etag' });
  });

  it('fails with its own error where the object is not there', () => {
    const there = world({ faults: [on('putObject', forEver).reset()] });
    const events = run(there, { retry: { maxAttempts: 2, jitter: 'none' } });
    expect(events.error).toMatchObject({ name: 'NetworkError', code: 'network', operation: 'putObject' });
    expect(there.fake.arrivals('headObject')).toHaveLength(1);
  });

  it.each([520, 524, 530])('is resolved after %i', (status) => {
    const fault = on('putObject', forEver).respond(status, null, { takesEffect: true, body: '<html></html>' });
    const there = world({ faults: [fault] });
    expect(resultOf(run(there, { retry: { maxAttempts: 2, jitter: 'none' } }))).toMatchObject({ verified: 'etag' });
  });

  it('is resolved after a 4xx that no service wrote', () => {
    const fault = on('putObject').respond(403, null, { takesEffect: true, body: '<html>blocked</html>' });
    expect(resultOf(run(world({ faults: [fault] })))).toMatchObject({ verified: 'etag' });
  });
});

describe('a single PUT answered 200 by something that nothing marks as the service', () => {
  const unmarked = { status: 200, headers: {}, body: '' };

  function answering(respond: (request: TransportRequest) => boolean, transport: Transport): Transport {
    return {
      ...transport,
      send: (request): ReturnType<Transport['send']> =>
        respond(request) ? of({ type: 'response', response: unmarked }) : transport.send(request),
    };
  }

  function failed(respond: (request: TransportRequest) => boolean): Recording<UploadEvent> {
    const { fake, file } = world();
    const transport = answering(respond, fake.transport);
    const there = uploadWorld({}, { transport, server: fake.server }, file);
    return run(there, { retry: { maxAttempts: 2, jitter: 'none' } });
  }

  it('fails where the object is not there', () => {
    const events = failed(({ method }) => method === 'PUT');
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'bad-response', operation: 'putObject' });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });

  it('fails where the object is not there, even with a request id', () => {
    const fault = on('putObject', forEver).respond(200, null, { body: '' });
    const events = run(world({ faults: [fault] }));
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'bad-response', operation: 'putObject' });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });

  it('fails where everything is answered like that', () => {
    const events = failed(() => true);
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'bad-response' });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });
});

describe('an ETag that contradicts the MD5 of a single PUT', () => {
  const fault = () => on('putObject').setHeaders({ etag: '"00000000000000000000000000000000"' });

  it('is an integrity error', () => {
    const events = run(world({ faults: [fault()] }), { checksum: 'md5' });
    expect(events.error).toMatchObject({ name: 'IntegrityError', resumable: false });
  });

  it.each([
    ['asked for', {}, { sse: { type: 'kms' } as const }],
    ["the bucket's default", { bucketEncryption: 'kms' } as const, {}],
    ['hidden from a page', { origin: 'https://app.test', faults: [fault()] }, {}],
  ])('proves nothing under SSE-KMS %s', (_, fake, options) => {
    expect(resultOf(run(world(fake), { checksum: 'md5', ...options }))).toMatchObject({ verified: 'size' });
  });
});

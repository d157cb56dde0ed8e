import { of } from 'rxjs';
import type { ObsConnectionOptions, Transport, TransportRequest, UploadEvent, UploadOptions } from 'rx-obs-upload';
import { bytesOf, fakeSource, on, type FakeObsOptions } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

const size = PART;
const always = { times: Number.POSITIVE_INFINITY };

function createWorld(fake: FakeObsOptions = {}, connection: Partial<ObsConnectionOptions> = {}): UploadWorld {
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

  it.each(conflicts)(
    'succeeds with forbidOverwrite when the response is lost and the retry gets %s',
    (_, status, code) => {
      const faults = [on('putObject').loseResponse(), on('putObject').respond(status, code)];
      const world = createWorld({ faults });
      const events = run(world, { forbidOverwrite: true });
      expect(resultOf(events)).toMatchObject({ verified: 'etag', totalBytes: size });
      expectObject(world.fake, 'film.mp4', world.file);
      expect(world.fake.arrivals('putObject')).toHaveLength(2);
    },
  );

  it('succeeds with forbidOverwrite when the browser resends it', () => {
    const world = createWorld({ faults: [on('putObject').resend()] });
    expect(resultOf(run(world, { forbidOverwrite: true }))).toMatchObject({ verified: 'etag' });
  });

  it('does not accept an older object with the same bytes, with forbidOverwrite', () => {
    const world = createWorld({ clockSkewMs: 60_000 });
    const events = runVirtually(() => {
      world.fake.putObject('media', 'film.mp4', bytesOf(world.file));
      world.fake.setClockSkew(120_000);
      return record(world.upload({ forbidOverwrite: true, requestDate: new Date(120_000) }));
    });
    expect(events.error).toMatchObject({ name: 'ServiceError', status: 409 });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });

  it('does not accept an object with other bytes after a lost response, with forbidOverwrite', () => {
    const otherBytes = new Uint8Array(size);
    const faults = [
      on('putObject').reset({ afterBytes: size }),
      on('putObject').act((control) => control.putObject('media', 'film.mp4', otherBytes)),
    ];
    const events = run(createWorld({ faults }), { forbidOverwrite: true });
    expect(events.error).toMatchObject({ name: 'ServiceError', status: 409 });
  });

  it('fails with complete-unknown where ETags are not MD5s, with forbidOverwrite', () => {
    const faults = [on('putObject').loseResponse()];
    const events = run(createWorld({ faults, bucketEncryption: 'kms' }), { forbidOverwrite: true });
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'complete-unknown' });
  });

  it('succeeds if it took effect, although every response is lost', () => {
    const world = createWorld({ faults: [on('putObject', always).loseResponse()] });
    const events = run(world, { retry: { maxAttempts: 2, jitter: 'none' } });
    expect(resultOf(events)).toMatchObject({ verified: 'etag' });
  });

  it('fails with its own error if the object does not exist', () => {
    const world = createWorld({ faults: [on('putObject', always).reset()] });
    const events = run(world, { retry: { maxAttempts: 2, jitter: 'none' } });
    expect(events.error).toMatchObject({ name: 'NetworkError', code: 'network', operation: 'putObject' });
    expect(world.fake.arrivals('headObject')).toHaveLength(1);
  });

  it.each([520, 524, 530])('succeeds if it took effect before a %i', (status) => {
    const fault = on('putObject', always).respond(status, null, { takesEffect: true, body: '<html></html>' });
    const world = createWorld({ faults: [fault] });
    expect(resultOf(run(world, { retry: { maxAttempts: 2, jitter: 'none' } }))).toMatchObject({ verified: 'etag' });
  });

  it('succeeds if it took effect before a 4xx that is not from the service', () => {
    const fault = on('putObject').respond(403, null, { takesEffect: true, body: '<html>blocked</html>' });
    expect(resultOf(run(createWorld({ faults: [fault] })))).toMatchObject({ verified: 'etag' });
  });
});

describe('a single PUT that gets a 200 without any sign of the service', () => {
  const unmarked = { status: 200, headers: {}, body: '' };

  function respondingUnmarked(respond: (request: TransportRequest) => boolean, transport: Transport): Transport {
    return {
      ...transport,
      send: (request): ReturnType<Transport['send']> =>
        respond(request) ? of({ type: 'response', response: unmarked }) : transport.send(request),
    };
  }

  function runUnmarked(respond: (request: TransportRequest) => boolean): Recording<UploadEvent> {
    const { fake, file } = createWorld();
    const transport = respondingUnmarked(respond, fake.transport);
    const world = uploadWorld({}, { transport, server: fake.server }, file);
    return run(world, { retry: { maxAttempts: 2, jitter: 'none' } });
  }

  it('fails if the object does not exist', () => {
    const events = runUnmarked(({ method }) => method === 'PUT');
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'bad-response', operation: 'putObject' });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });

  it('fails if the object does not exist, even with a request id', () => {
    const fault = on('putObject', always).respond(200, null, { body: '' });
    const events = run(createWorld({ faults: [fault] }));
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'bad-response', operation: 'putObject' });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });

  it('fails if every request gets such a response', () => {
    const events = runUnmarked(() => true);
    expect(events.error).toMatchObject({ name: 'ServiceError', code: 'bad-response' });
    expect(eventsOf(events, 'completed')).toEqual([]);
  });
});

describe('an ETag that contradicts the MD5 of a single PUT', () => {
  const fault = () => on('putObject').setHeaders({ etag: '"00000000000000000000000000000000"' });

  it('is an integrity error', () => {
    const events = run(createWorld({ faults: [fault()] }), { checksum: 'md5' });
    expect(events.error).toMatchObject({ name: 'IntegrityError', resumable: false });
  });

  it.each([
    ['of the request', {}, { sse: { type: 'kms' } as const }],
    ["the bucket's default", { bucketEncryption: 'kms' } as const, {}],
    ['hidden from a page', { origin: 'https://app.test', faults: [fault()] }, {}],
  ])('proves nothing under SSE-KMS: %s', (_, fake, options) => {
    expect(resultOf(run(createWorld(fake), { checksum: 'md5', ...options }))).toMatchObject({ verified: 'size' });
  });
});

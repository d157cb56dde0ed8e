import {
  listUploads$,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  type UploadEvent,
} from 'rx-obs-upload';
import { on, type FakeObs, type FaultRule } from 'rx-obs-upload/testing';
import { map } from 'rxjs';
import {
  withConnection,
  expectFailed,
  expectFired,
  expectUploaded,
  interrupted,
  THREE_ATTEMPTS,
} from '../support/scenario-world.js';
import { presigningBackend } from '../support/presigning-backend.js';
import { eventsOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

/** A transport to the same service that rewrites its responses. */
function rewritten(
  { transport }: FakeObs,
  rewrite: (response: TransportResponse, request: TransportRequest) => TransportResponse,
): Transport {
  const send: Transport['send'] = (request) =>
    transport
      .send(request)
      .pipe(
        map((event) => (event.type === 'response' ? { ...event, response: rewrite(event.response, request) } : event)),
      );
  return Object.create(transport, { send: { value: send } }) as Transport;
}

function uploaded(world: UploadWorld, options: Parameters<UploadWorld['upload']>[0] = {}): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload(options)));
}

describe('an unknown 5xx', () => {
  it.each([520, 521, 522, 523, 524, 530, 599])('%i to a part is retried like a 500', (status) => {
    const rule = on('uploadPart', { partNumber: 2 }).respond(status, null, { body: 'error code: 1015' });
    const world = uploadWorld({ faults: [rule] });
    const events = uploaded(world);
    expectUploaded(world, events);
    expectFired(rule);
    expect(eventsOf(events, 'retrying')).toMatchObject([{ partNumber: 2, error: { status } }]);
  });

  it.each([524, 530])('%i to complete is followed by HEAD, as the object may exist', (status) => {
    const rule = on('completeMultipartUpload').respond(status, null, { body: '', takesEffect: true });
    const world = uploadWorld({ faults: [rule] });
    expectUploaded(world, uploaded(world));
    expectFired(rule);
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
  });
});

describe('a temporary conflict', () => {
  it.each(['ConditionalRequestConflict', 'OperationAborted'])('%s to complete is retried', (code) => {
    const rule = on('completeMultipartUpload').respond(409, code);
    const world = uploadWorld({ faults: [rule] });
    expectUploaded(world, uploaded(world));
    expectFired(rule);
  });

  it.each(['ConditionalRequestConflict', 'OperationAborted'])('%s to a single PUT is retried', (code) => {
    const rule = on('putObject').respond(409, code);
    const world = uploadWorld({ faults: [rule] });
    expectUploaded(world, uploaded(world, { multipart: 'auto', partSize: 1024 * 1024 }));
    expectFired(rule);
  });
});

describe('the expiry of a signed URL under another name', () => {
  it.each([
    [403, 'ExpiredRequest'],
    [400, 'ExpiredRequest'],
    [403, 'RequestExpired'],
    [400, 'ExpiredToken'],
    [403, null],
  ])('is followed by one retry with a new signature: %i %s', (status, code) => {
    const rule = on('uploadPart', { partNumber: 3 }).respond(status, code);
    const backend = presigningBackend(() => world.fake);
    const world: UploadWorld = uploadWorld({ faults: [rule] }, { presign: backend.presign });
    const events = uploaded(world);
    expectUploaded(world, events);
    expectFired(rule);
    expect(eventsOf(events, 'retrying')).toMatchObject([{ partNumber: 3, delayMs: 0 }]);
  });
});

describe('a store that writes ETags in upper case', () => {
  it('is uploaded to, and its object is recognized when the response to complete is lost', () => {
    const hidden = on('headObject', { times: 9 }).hideHeaders('x-obs-uploadid');
    const rules = [on('completeMultipartUpload').loseResponse(), hidden];
    const world = uploadWorld({ etagCase: 'upper', faults: rules });
    expect(expectUploaded(world, uploaded(world)).etag).toMatch(/^[0-9A-F]{32}-4$/);
    expectFired(...rules);
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
  });

  it('is resumed without sending a part again', () => {
    const world = uploadWorld({ etagCase: 'upper' });
    const checkpoint = interrupted(world, 2);
    const { parts } = checkpoint;
    const lowerCased = { ...checkpoint, parts: parts.map((part) => ({ ...part, etag: part.etag.toLowerCase() })) };
    expectUploaded(
      world,
      runVirtually(() => record(world.resume(lowerCased))),
    );
    expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
  });

  it('agrees with the MD5 of each part and of a single PUT', () => {
    const world = uploadWorld({ etagCase: 'upper' });
    expect(expectUploaded(world, uploaded(world, { checksum: 'md5' })).verified).toBe('etag');
    const options = { checksum: 'md5', multipart: 'auto', partSize: 1024 * 1024 } as const;
    expect(expectUploaded(world, uploaded(world, options)).verified).toBe('etag');
  });
});

describe('a CDN that leaves Content-Length out', () => {
  const withoutLength = (): FaultRule => on('headObject', { times: 9 }).hideHeaders('content-length', 'x-obs-uploadid');

  it('does not hide the object of a complete whose response was lost', () => {
    const rules = [on('completeMultipartUpload').loseResponse(), withoutLength()];
    const world = uploadWorld({ faults: rules });
    expect(expectUploaded(world, uploaded(world)).verified).toBe('etag');
    expectFired(...rules);
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
  });

  it('does not hide the object of a single PUT whose response was lost', () => {
    const rules = [on('putObject').loseResponse(), withoutLength()];
    const world = uploadWorld({ faults: rules });
    const options = { multipart: 'auto', partSize: 1024 * 1024, retry: { maxAttempts: 1 } } as const;
    expect(expectUploaded(world, uploaded(world, options)).verified).toBe('etag');
    expectFired(...rules);
    expect(world.fake.arrivals('putObject')).toHaveLength(1);
  });

  it('does not make an older object pass as the new one', () => {
    const rules = [on('completeMultipartUpload').reset(), withoutLength()];
    const world = uploadWorld({ faults: rules });
    world.fake.putObject(world.fake.bucket, 'film.mp4', new Uint8Array(world.file.size));
    expectUploaded(world, uploaded(world));
    expectFired(...rules);
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(2);
  });
});

describe('a truncated list without a usable marker', () => {
  it('is read to its end, so that no finished part is sent again', () => {
    const world = uploadWorld({ listPages: 'unmarked', maxPageEntries: 1 });
    const checkpoint = interrupted(world, 3);
    const before = world.fake.arrivals('uploadPart').length;
    expectUploaded(
      world,
      runVirtually(() => record(world.resume(checkpoint))),
    );
    expect(world.fake.arrivals('uploadPart')).toHaveLength(before + 1);
    expect(world.fake.arrivals('listParts')).toHaveLength(3);
  });

  it('of uploads is read to its end', () => {
    const world = uploadWorld({ listPages: 'unmarked', maxPageEntries: 2 });
    const keys = ['a b.mp4', 'c.mp4', 'd.mp4', 'e.mp4', 'ü.mp4'];
    for (const key of keys) interrupted(world, 1, { key, taskNum: 1 });
    const listed = runVirtually(() => record(listUploads$(world.obs, { bucket: world.fake.bucket })));
    expect(listed.values.map(({ key }) => key)).toEqual(keys);
    expect(world.fake.arrivals('listMultipartUploads')).toHaveLength(3);
  });

  it('that repeats its first page is a typed error, not a loop', () => {
    const pages: TransportResponse[] = [];
    const marked = uploadWorld({ maxPageEntries: 1 });
    const transport = rewritten(marked.fake, (response, { url }) => {
      if (!url.includes('part-number-marker')) return response;
      pages.push(response);
      return pages[0] ?? response;
    });
    const world = withConnection(marked, { transport });
    const checkpoint = interrupted(world, 3);
    const events = runVirtually(() => record(world.resume(checkpoint)));
    const message = expect.stringContaining('do not advance') as unknown;
    expectFailed(world, events, { code: 'bad-response', message }, checkpoint);
    expect(world.fake.arrivals('listParts')).toHaveLength(2);
  });
});

describe('a response that is not well-formed', () => {
  it.each([
    ['an entity', '<InitiateMultipartUploadResult><UploadId>&a19;</UploadId></InitiateMultipartUploadResult>'],
    [
      'a document type',
      '<!DOCTYPE a []><InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>',
    ],
    ['truncation', '<InitiateMultipartUploadResult><UploadId>1</UploadId>'],
    ['tags that do not match', '<InitiateMultipartUploadResult><UploadId>1</InitiateMultipartUploadResult></UploadId>'],
  ])('leads to no upload id: %s', (_, body) => {
    const rule = on('initiateMultipartUpload', { times: 99 }).respond(200, null, { body });
    const world = uploadWorld({ faults: [rule] });
    const events = uploaded(world, { retry: THREE_ATTEMPTS });
    expectFailed(world, events, { code: 'bad-response' });
    expect(world.fake.arrivals('uploadPart')).toHaveLength(0);
  });
});

describe('an error with an endless message', () => {
  it.each(['token', 'signature=', ' ', '&#9;', 'OBS a:', 'Authorization: '])('is parsed quickly: %p', (text) => {
    const body = `<Error><Code>InternalError</Code><Message>${text.repeat(400_000 / text.length)}</Message></Error>`;
    const rule = on('uploadPart', { partNumber: 2 }).respond(500, null, { body });
    const world = uploadWorld({ faults: [rule] });
    const { user } = process.cpuUsage();
    const events = uploaded(world);
    // Quadratic parsing would take half a minute of CPU time.
    expect(process.cpuUsage().user - user).toBeLessThan(10_000_000);
    expectUploaded(world, events);
    const [retrying] = eventsOf(events, 'retrying');
    expect(retrying?.error.message.length).toBeLessThan(1000);
  });
});

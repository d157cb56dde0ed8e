import { uploadFile$, createObsConnection, listUploads$, abortUpload$, isUploadError } from 'rx-obs-upload';
import type { ObsConnection, UploadEvent } from 'rx-obs-upload';
import { answers, checkpointOf, createTestTransport, fakeSource, type TestTransport } from 'rx-obs-upload/testing';
import { TestScheduler } from 'rxjs/testing';
import { lastCheckpoint } from '../../../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../../../support/virtual-time.js';

const PART = 102_400;
const file = fakeSource({ name: 'a.bin', size: 2 * PART + 10 });

function connectionOf(transport: TestTransport): ObsConnection {
  return createObsConnection({ server: transport.server, credentials: transport.credentials, transport });
}

const uploads: Recording<UploadEvent>[] = [];
/** Outside virtual time, the watchdogs of unfinished uploads would keep the process alive. */
afterEach(() => uploads.splice(0).forEach((upload) => upload.unsubscribe()));

/** An upload in three parts, all at once, that has been initiated. */
function initiated(transport = createTestTransport()): { transport: TestTransport; events: Recording<UploadEvent> } {
  const events = record(
    uploadFile$(connectionOf(transport), {
      bucket: 'media',
      key: 'a.bin',
      sourceFile: file,
      partSize: PART,
      taskNum: 3,
      retry: { jitter: 'none' },
      progressIntervalMs: 0,
    }),
  );
  uploads.push(events);
  transport.expectOne('initiateMultipartUpload').succeed();
  return { transport, events };
}

/** The message of the error that the action throws. */
function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('succeed()', () => {
  it.each([
    ['md5', 'etag'],
    ['none', 'size'],
  ] as const)('of a single PUT with the checksum %s completes the upload, verified by %s', (checksum, verified) => {
    const transport = createTestTransport();
    const events = runVirtually(() => {
      const upload = record(
        uploadFile$(connectionOf(transport), {
          bucket: 'media',
          key: 'a.bin',
          sourceFile: fakeSource({ name: 'a.bin', size: 1000 }),
          checksum,
        }),
      );
      at(1, () => transport.expectOne('putObject').succeed());
      return upload;
    });
    expect(events.values.at(-1)).toMatchObject({ type: 'completed', result: { verified } });
  });
});

describe('createTestTransport', () => {
  it('emits download progress before the response', () => {
    const transport = createTestTransport();
    const seen: unknown[] = [];
    transport
      .send({ method: 'GET', url: 'https://obs.test/media/a', headers: {}, body: null })
      .subscribe((event) => seen.push(event));
    const request = transport.expectOne('getObject');
    request.downloadProgress(0);
    request.downloadProgress(3);
    expect(() => request.downloadProgress(-1)).toThrow(RangeError);
    request.respond({ status: 0, redirected: true });
    expect(seen).toEqual([
      { type: 'download-progress', loadedBytes: 0 },
      { type: 'download-progress', loadedBytes: 3 },
      { type: 'response', response: { status: 0, redirected: true, headers: {}, body: '' } },
    ]);
    expect(() => request.downloadProgress(1)).toThrow();
  });

  it('lets a test respond to all requests of an upload without a scheduler', () => {
    const { transport, events } = initiated();
    for (const partNumber of [3, 1, 2]) transport.expectOne({ operation: 'uploadPart', partNumber }).succeed();
    transport.expectOne('completeMultipartUpload').succeed();
    transport.verify();
    expect(events.values.at(-1)).toMatchObject({
      type: 'completed',
      result: { verified: 'etag', totalBytes: file.size },
    });
    expect(
      transport.requests.map(({ operation, partNumber, size, state }) => [operation, partNumber, size, state]),
    ).toEqual([
      ['initiateMultipartUpload', null, 0, 'answered'],
      ['uploadPart', 1, PART, 'answered'],
      ['uploadPart', 2, PART, 'answered'],
      ['uploadPart', 3, 10, 'answered'],
      ['completeMultipartUpload', null, expect.any(Number), 'answered'],
    ]);
  });

  it('describes each request', () => {
    const { transport } = initiated();
    expect(transport.expectOne({ partNumber: 2 })).toMatchObject({
      operation: 'uploadPart',
      method: 'PUT',
      bucket: 'media',
      key: 'a.bin',
      uploadId: 'test-upload',
      size: PART,
      state: 'open',
      cancelled: false,
    });
  });

  it.each([
    ['its operation and part', { operation: 'uploadPart', partNumber: 2 } as const],
    ['its key, upload and method', { key: 'a.bin', uploadId: 'test-upload', method: 'PUT', partNumber: 2 } as const],
    ['its URL with the query', { url: 'https://media.obs.test/a.bin?partNumber=2&uploadId=test-upload' }],
    ['its URL without the query', { url: 'https://media.obs.test/a.bin', partNumber: 2 }],
    ['a pattern', { url: /partNumber=2\b/g }],
  ])('finds a request by %s', (_what, match) => {
    const { transport } = initiated();
    transport.expectNone({ ...match, bucket: 'other' });
    expect(transport.expectOne(match).partNumber).toBe(2);
    transport.expectNone(match);
  });

  it('finds requests by a function, and all of them by match', () => {
    const { transport } = initiated();
    const small = transport.expectOne((request) => request.size < PART);
    expect(small.partNumber).toBe(3);
    expect(transport.match('uploadPart').map(({ partNumber }) => partNumber)).toEqual([1, 2]);
    expect(transport.match('uploadPart')).toEqual([]);
  });

  it('reports upload progress', () => {
    const { transport, events } = initiated();
    const part = transport.expectOne({ partNumber: 1 });
    part.progress(400);
    part.progress(500);
    expect(events.values.slice(-2)).toMatchObject([{ transferredBytes: 400 }, { transferredBytes: 500 }]);
    expect(() => part.progress(PART + 1)).toThrow(RangeError);
    expect(() => part.progress(Number.NaN)).toThrow(RangeError);
    const silent = initiated(createTestTransport({ reportsProgress: false })).transport;
    expect(() => silent.expectOne({ partNumber: 1 }).progress(1)).toThrow('reports no progress');
  });

  it('responds with errors of the service and of the network, and sees the retries', () => {
    runVirtually(() => {
      const { transport, events } = initiated();
      transport.expectOne({ partNumber: 1 }).respond(answers.refused(500, 'InternalError', { 'retry-after': '2' }));
      transport.expectOne({ partNumber: 2 }).networkError();
      transport.expectOne({ partNumber: 3 }).respond(500);
      at(499, () => transport.expectNone('uploadPart'));
      at(500, () => transport.match((request) => request.partNumber !== 1 && request.state === 'open'));
      at(2499, () => transport.expectNone('uploadPart'));
      at(2500, () => transport.expectOne({ partNumber: 1 }));
      at(2501, () => {
        expect(events.values.filter(({ type }) => type === 'retrying')).toMatchObject([
          { partNumber: 1, delayMs: 2500, error: { serviceCode: 'InternalError', status: 500 } },
          { partNumber: 2, delayMs: 500, error: { code: 'network' } },
          { partNumber: 3, delayMs: 500, error: { code: 'service', status: 500 } },
        ]);
        events.unsubscribe();
        expect(transport.requests.slice(-3).every(({ cancelled }) => cancelled)).toBe(true);
        transport.verify();
      });
      return events;
    });
  });

  it('stalls a request, which the watchdog then retries', () => {
    runVirtually(() => {
      const { transport, events } = initiated();
      const part = transport.expectOne({ partNumber: 1 });
      part.stall();
      for (const other of transport.match('uploadPart')) other.succeed();
      transport.verify();
      // Without any progress, the timeout includes the time that the body takes at 16 KiB/s.
      at(60_001 + (PART * 1000) / (16 * 1024), () => {
        expect(events.values.at(-1)).toMatchObject({ type: 'retrying', partNumber: 1, error: { code: 'stalled' } });
        expect(part).toMatchObject({ state: 'stalled', cancelled: false });
        events.unsubscribe();
      });
      return events;
    });
  });

  it('reports cancelled requests, and refuses to respond to them', () => {
    const { transport, events } = initiated();
    const first = transport.expectOne({ partNumber: 1 });
    events.unsubscribe();
    expect(first).toMatchObject({ state: 'cancelled', cancelled: true });
    for (const action of [
      () => first.succeed(),
      () => first.respond(200),
      () => first.progress(1),
      () => first.networkError(),
      () => first.stall(),
    ]) {
      expect(action).toThrow(
        'This request is cancelled and can no longer be responded to: uploadPart of media/a.bin, part 1',
      );
    }
    expect(() => transport.verify()).toThrow('part 2');
    transport.verify({ ignoreCancelled: true });
  });

  it('responds to each request once, even if it is unsubscribed while it receives the response', () => {
    const transport = createTestTransport();
    const { url, ...head } = { method: 'PUT' as const, url: 'https://media.obs.test/a', headers: {}, body: null };
    const states: string[] = [];
    const subscription = transport.send({ url, ...head }).subscribe(() => {
      states.push(transport.requests[0]?.state ?? '');
      subscription.unsubscribe();
    });
    const request = transport.expectOne('putObject');
    request.respond(200);
    expect(states).toEqual(['answered']);
    expect(request).toMatchObject({ state: 'answered', cancelled: false });
    expect(() => request.respond(200)).toThrow('is answered and can no longer be responded to');
  });

  it('is cold, and sends one request per subscription', () => {
    const transport = createTestTransport();
    const sent$ = transport.send({ method: 'GET', url: 'https://obs.test/', headers: {}, body: null });
    expect(transport.requests).toHaveLength(0);
    sent$.subscribe();
    sent$.subscribe();
    expect(transport.match('listBuckets')).toHaveLength(2);
  });

  it('works in marble tests', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(
      ({ cold, expectObservable, expectSubscriptions }) => {
        const transport = createTestTransport();
        const body = new Uint8Array(2);
        const events$ = transport.send({ method: 'PUT', url: 'https://media.obs.test/a', headers: {}, body });
        const test$ = cold<1 | 'answer'>('  --p-a', { p: 1, a: 'answer' });
        expectObservable(events$).toBe('    --p-(a|)', {
          p: { type: 'upload-progress', loadedBytes: 1 },
          a: { type: 'response', response: { status: 204, headers: {}, body: '' } },
        });
        test$.subscribe((step) => {
          const [request] = transport.requests;
          if (step === 'answer') request?.respond(204);
          else request?.progress(step);
        });
        expectSubscriptions(test$.subscriptions).toBe('^');
      },
    );
  });

  it('reads bucket and key from path-style URLs of its server', () => {
    const transport = createTestTransport({ server: 'http://127.0.0.1:9000' });
    const url = 'http://127.0.0.1:9000/media/dir/a%20b.bin?uploads';
    transport.send({ method: 'POST', url, headers: {}, body: null }).subscribe();
    expect(transport.expectOne('initiateMultipartUpload')).toMatchObject({ bucket: 'media', key: 'dir/a b.bin' });
  });
});

describe('an error of createTestTransport', () => {
  it('names the requests that were expected and those that were sent', () => {
    const { transport } = initiated();
    transport.expectOne({ partNumber: 2 });
    expect(messageOf(() => transport.expectOne({ operation: 'uploadPart', partNumber: 2 }))).toBe(
      [
        'Expected one request, operation uploadPart, partNumber 2; there is none.',
        'Matched, but expected before:',
        '  uploadPart of media/a.bin, part 2, 102400 bytes (open)',
        'Sent and not expected yet:',
        '  uploadPart of media/a.bin, part 1, 102400 bytes (open)',
        '  uploadPart of media/a.bin, part 3, 10 bytes (open)',
      ].join('\n'),
    );
    expect(messageOf(() => transport.expectOne('uploadPart'))).toBe(
      [
        'Expected one request, uploadPart; there are 2:',
        '  uploadPart of media/a.bin, part 1, 102400 bytes (open)',
        '  uploadPart of media/a.bin, part 3, 10 bytes (open)',
      ].join('\n'),
    );
    expect(messageOf(() => transport.expectNone({ partNumber: 3 }))).toBe(
      'Expected no request, partNumber 3; there is:\n  uploadPart of media/a.bin, part 3, 10 bytes (open)',
    );
    expect(messageOf(() => transport.verify())).toContain(
      'Requests were sent that the test did not expect:\n  uploadPart',
    );
    for (const part of transport.match({})) part.succeed();
    expect(messageOf(() => transport.verify())).toBe(
      'Requests were expected but have no response:\n  uploadPart of media/a.bin, part 2, 102400 bytes (open)',
    );
  });

  it('states that nothing was sent', () => {
    const transport = createTestTransport();
    transport.verify();
    transport.expectNone({});
    expect(
      messageOf(() =>
        transport.expectOne(function large() {
          return true;
        }),
      ),
    ).toBe('Expected one request, the function large; there is none.\nSent and not expected yet:\n  none');
  });

  it('never shows a signature', () => {
    const transport = createTestTransport();
    const url = 'https://media.obs.test/a?AccessKeyId=AK&Expires=1&Signature=c2VjcmV0';
    const headers = { authorization: 'OBS AK:c2VjcmV0' };
    transport.send({ method: 'PUT', url, headers, body: null }).subscribe();
    expect(messageOf(() => transport.expectOne('listParts'))).not.toMatch(/c2VjcmV0|AccessKeyId/);
  });
});

describe('answers', () => {
  it('are responses that the calls can read', () => {
    const transport = createTestTransport();
    const obs = connectionOf(transport);
    const listed = record(listUploads$(obs, { bucket: 'media' }));
    transport.expectOne('listMultipartUploads').respond(answers.uploadsListed([{ key: 'a', uploadId: 'u' }]));
    expect(listed.values.flat()).toMatchObject([{ key: 'a', uploadId: 'u' }]);

    const aborted = record(abortUpload$(obs, checkpointOf()));
    for (let request = transport.match(() => true); request.length > 0; request = transport.match(() => true)) {
      for (const { operation, respond } of request) {
        if (operation === 'listParts') respond(answers.refused(404, 'NoSuchUpload'));
        else respond(answers.aborted());
      }
    }
    expect(aborted.values).toHaveLength(1);
    transport.verify();
  });

  it('support a resume: stored parts are not sent again', () => {
    const transport = createTestTransport();
    const obs = connectionOf(transport);
    const started = record(
      uploadFile$(obs, { bucket: 'media', key: 'a.bin', sourceFile: file, partSize: PART, taskNum: 3 }),
    );
    transport.expectOne('initiateMultipartUpload').respond(answers.initiated('upload-7'));
    transport.expectOne({ partNumber: 2 }).respond(answers.stored('e'.repeat(32)));
    started.unsubscribe();
    const checkpoint = lastCheckpoint(started);

    const resumed = record(uploadFile$(obs, { sourceFile: file, uploadCheckpoint: checkpoint, taskNum: 3 }));
    const list = transport.expectOne({ operation: 'listParts', uploadId: 'upload-7' });
    list.respond(answers.partsListed([...checkpoint.parts]));
    expect(resumed.values).toContainEqual(expect.objectContaining({ type: 'started', resumedBytes: PART }));
    expect(transport.match((request) => request.state === 'open').map(({ partNumber }) => partNumber)).toEqual([1, 3]);
    resumed.unsubscribe();
  });

  it('include a truncated page of parts and an existing object, which a HEAD requires', () => {
    expect(answers.partsListed([], 7).body).toContain('<NextPartNumberMarker>7</NextPartNumberMarker>');
    expect(answers.found({ size: 3, etag: 'x', uploadId: 'u' }).headers).toEqual({
      etag: '"x"',
      'content-length': '3',
      'x-obs-uploadid': 'u',
    });
    const transport = createTestTransport();
    transport.send({ method: 'HEAD', url: 'https://media.obs.test/a', headers: {}, body: null }).subscribe();
    const head = transport.expectOne('headObject');
    expect(() => head.succeed()).toThrow('answers.found');
    head.respond(answers.found({ size: 3, etag: 'x' }));
    transport.verify();
  });

  it('include network errors of the library', () => {
    const transport = createTestTransport();
    const recording = record(transport.send({ method: 'GET', url: 'https://obs.test/', headers: {}, body: null }));
    transport.expectOne('listBuckets').networkError();
    expect(isUploadError(recording.error)).toBe(true);
  });
});

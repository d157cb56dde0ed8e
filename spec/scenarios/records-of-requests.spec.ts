import {
  abortUpload$,
  headObject$,
  NetworkError,
  uploadPart$,
  type ObsConnectionOptions,
  type RequestRecord,
  type Transport,
} from 'rx-obs-upload';
import { ObsClient } from 'rx-obs-upload/compat';
import { fakeSource, on, type FakeObsOptions } from 'rx-obs-upload/testing';
import { config, throwError } from 'rxjs';
import { createRequestLog } from '../../lib/connection/obs-connection.js';
import {
  eventsOf,
  KIB,
  lastCheckpoint,
  PART,
  typesOf,
  uploadWorld,
  type UploadWorld,
} from '../support/upload-world.js';
import { at, inVirtualTime, record, runVirtually } from '../support/virtual-time.js';

interface RecordedWorld extends UploadWorld {
  readonly records: RequestRecord[];
}

function recordedWorld(fake: FakeObsOptions = {}, options: Partial<ObsConnectionOptions> = {}): RecordedWorld {
  const world = uploadWorld(fake, options);
  const records: RequestRecord[] = [];
  world.obs.requests$.subscribe((ended) => records.push(ended));
  return { ...world, records };
}

const success = { attempt: 1, status: 200, errorCode: null, queuedMs: 0 };

describe('records of requests', () => {
  it('are emitted once for each finished request, before its event', () => {
    const world = recordedWorld();
    const seen: string[] = [];
    world.obs.requests$.subscribe(({ operation }) => seen.push(operation));
    runVirtually(() => {
      const upload = record(world.upload());
      world.obs.requests$.subscribe(({ operation }) => {
        if (operation === 'completeMultipartUpload') expect(typesOf(upload)).not.toContain('completed');
      });
      return upload;
    });
    const { records } = world;
    expect(records[0]).toEqual({
      ...success,
      operation: 'initiateMultipartUpload',
      partNumber: null,
      requestId: expect.stringMatching(/./),
      sentBytes: 0,
      durationMs: expect.any(Number),
    });
    const parts = records.filter(({ operation }) => operation === 'uploadPart');
    const bytes = parts.map(({ partNumber, sentBytes }) => [partNumber ?? 0, sentBytes] as const);
    expect(bytes.sort(([a], [b]) => a - b)).toEqual([
      [1, PART],
      [2, PART],
      [3, PART],
      [4, 1000],
    ]);
    expect(records.at(-1)).toMatchObject({ ...success, operation: 'completeMultipartUpload' });
    expect(records).toHaveLength(6);
    expect(seen).toEqual(records.map(({ operation }) => operation));
    expect(records.every(({ durationMs }) => durationMs >= 10)).toBe(true);
    // 100 KiB at 1,000 KiB a second, and the latency.
    expect(parts.find(({ partNumber }) => partNumber === 1)?.durationMs).toBeGreaterThanOrEqual(100);
  });

  it('are plain JSON without an address or a secret', () => {
    const world = recordedWorld();
    runVirtually(() => record(world.upload({ sse: { type: 'customer', key: new Uint8Array(32).fill(7) } })));
    const text = JSON.stringify(world.records);
    expect(JSON.parse(text)).toEqual(world.records);
    expect(text).not.toMatch(/https?:|\?|signature|Authorization|film/i);
    expect(text).not.toContain(world.fake.credentials.accessKeyId);
  });

  it('distinguish the attempts of a part, each with its failure', () => {
    const world = recordedWorld();
    world.fake.addFaults(
      on('uploadPart', { partNumber: 2 }).reset({ afterBytes: 50 * KIB }),
      on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown'),
      on('uploadPart', { partNumber: 3 }).stall('before-body'),
    );
    const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 20_000 })));
    expect(events.error).toBeUndefined();
    const second = world.records.filter(({ partNumber }) => partNumber === 2);
    expect(second).toMatchObject([
      { attempt: 1, status: null, requestId: null, errorCode: 'network' },
      { attempt: 2, status: 503, requestId: expect.stringMatching(/./), errorCode: 'service' },
      { attempt: 3, status: 200, sentBytes: PART, errorCode: null },
    ]);
    expect(second[0]?.sentBytes).toBeLessThanOrEqual(50 * KIB);
    const [stalled] = world.records.filter(({ partNumber }) => partNumber === 3);
    expect(stalled).toMatchObject({ attempt: 1, status: null, errorCode: 'stalled' });
    expect(stalled?.durationMs).toBeGreaterThanOrEqual(20_000);
  });

  it('number the attempts of complete', () => {
    const world = recordedWorld();
    world.fake.addFaults(on('completeMultipartUpload').respond(500, 'InternalError'));
    runVirtually(() => record(world.upload()));
    const completes = world.records.filter(({ operation }) => operation === 'completeMultipartUpload');
    expect(completes.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 200],
    ]);
  });

  it('include aborted requests, but none that were still queued', () => {
    const world = recordedWorld({}, { maxConcurrentRequests: 2 });
    runVirtually(() => {
      const upload = record(world.upload({ taskNum: 4 }));
      at(60, () => upload.unsubscribe());
      return upload;
    });
    const parts = world.records.filter(({ operation }) => operation === 'uploadPart');
    expect(parts.map(({ partNumber, errorCode, status }) => [partNumber, errorCode, status])).toEqual([
      [1, 'aborted', null],
      [2, 'aborted', null],
    ]);
    for (const { sentBytes } of parts) expect(sentBytes).toBeLessThan(PART);
  });

  it('contain how long a request was queued', () => {
    const world = recordedWorld({}, { maxConcurrentRequests: 1 });
    runVirtually(() => record(world.upload({ taskNum: 2 })));
    const [first, second] = world.records.filter(({ operation }) => operation === 'uploadPart');
    expect(first?.queuedMs).toBe(0);
    expect(second?.queuedMs).toBe(first?.durationMs);
  });

  it('contain the error code of an invalid response', () => {
    const world = recordedWorld();
    world.fake.addFaults(on('initiateMultipartUpload').htmlPage());
    runVirtually(() => record(world.upload()));
    expect(world.records[0]).toMatchObject({ status: 200, errorCode: 'bad-response', attempt: 1 });
    expect(world.records[1]).toMatchObject({ ...success, attempt: 2 });
  });

  it('include those of calls, of abortUpload$ and of a single PUT', () => {
    const world = recordedWorld();
    const { obs, fake } = world;
    fake.addFaults(on('completeMultipartUpload').respond(403, 'AccessDenied'));
    const failed = runVirtually(() => record(world.upload()));
    const checkpoint = lastCheckpoint(failed);
    const target = { bucket: fake.bucket, key: 'film.mp4', uploadId: checkpoint.uploadId };
    world.records.length = 0;
    runVirtually(() => record(uploadPart$(obs, { ...target, partNumber: 9, body: new Uint8Array(7) })));
    runVirtually(() => record(headObject$(obs, { bucket: fake.bucket, key: 'nothing' })));
    runVirtually(() => record(abortUpload$(obs, checkpoint)));
    runVirtually(() => record(world.upload({ sourceFile: fakeSource({ size: 10 }) })));
    expect(world.records.map(({ operation, sentBytes, status }) => [operation, sentBytes, status])).toEqual([
      ['uploadPart', 7, 200],
      ['headObject', 0, 404],
      ['abortMultipartUpload', 0, 204],
      ['listParts', 0, 404],
      ['putObject', 10, 200],
    ]);
  });

  it('include the HEAD that checks for a masked refusal', () => {
    const { transport } = uploadWorld().fake;
    const lost = new NetworkError('network', 'The network failed.', { retryable: true });
    const masking: Transport = {
      reportsProgress: true,
      hidesAnswers: true,
      send: (request) => (request.method === 'HEAD' ? transport.send(request) : throwError(() => lost)),
    };
    const world = recordedWorld({}, { transport: masking });
    const upload = runVirtually(() => record(world.upload()));
    expect(upload.error).toMatchObject({ code: 'credentials', operation: 'initiateMultipartUpload' });
    expect(world.records.map(({ operation, status, errorCode }) => [operation, status, errorCode])).toEqual([
      ['initiateMultipartUpload', null, 'network'],
      ['initiateMultipartUpload', null, 'network'],
      ['headObject', 403, 'service'],
      ['initiateMultipartUpload', null, 'network'],
    ]);
  });

  it('are emitted by the compat client', () => {
    const { fake } = uploadWorld();
    const { credentials, server, transport, bucket } = fake;
    const client = new ObsClient({
      access_key_id: credentials.accessKeyId,
      secret_access_key: credentials.secretAccessKey,
      server,
      transport,
    });
    const records: RequestRecord[] = [];
    client.requests$.subscribe((ended) => records.push(ended));
    inVirtualTime(() => client.getObjectMetadata({ Bucket: bucket, Key: 'nothing' }, () => undefined));
    expect(records).toMatchObject([{ operation: 'headObject', status: 404, errorCode: 'service' }]);
  });

  it('do not affect the upload if a subscriber throws', () => {
    const world = recordedWorld();
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    try {
      world.obs.requests$.subscribe(() => {
        throw new Error('The log is full.');
      });
      const upload = runVirtually(() => record(world.upload()));
      expect([upload.error, upload.completed]).toEqual([undefined, true]);
    } finally {
      config.onUnhandledError = null;
    }
    expect(reported).toHaveLength(6);
    expect(world.records).toHaveLength(6);
  });

  it('may be what the upload is unsubscribed on', () => {
    const world = recordedWorld();
    const upload = runVirtually(() => {
      const running = record(world.upload());
      world.obs.requests$.subscribe(({ partNumber }) => {
        if (partNumber === 1) running.unsubscribe();
      });
      return running;
    });
    expect(eventsOf(upload, 'part-completed')).toEqual([]);
    expect(world.records.map(({ errorCode }) => errorCode)).toEqual([null, null, 'aborted']);
    expect(world.fake.inFlight()).toBe(0);
  });

  it('are not created without a subscriber', () => {
    const createRecord = jest.fn();
    const log = createRequestLog();
    log.add(createRecord);
    expect(createRecord).not.toHaveBeenCalled();
    log.records$.subscribe().unsubscribe();
    log.add(createRecord);
    expect(createRecord).not.toHaveBeenCalled();
  });

  it('are emitted for a transport that throws, whose permit is released', () => {
    const { transport } = uploadWorld().fake;
    let sends = 0;
    const throwing: Transport = {
      reportsProgress: true,
      send: (request) => {
        if (++sends === 2) throw new Error('This transport is out of order.');
        return transport.send(request);
      },
    };
    const broken = recordedWorld({}, { transport: throwing, maxConcurrentRequests: 1 });
    const upload = runVirtually(() => record(broken.upload({ taskNum: 2 })));
    expect(upload.error).toMatchObject({ message: 'This transport is out of order.' });
    expect(broken.records.map(({ errorCode }) => errorCode)).toContain('unexpected');
  });
});

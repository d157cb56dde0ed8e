import { asyncScheduler, NEVER, Subject, take, takeUntil, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { createObsConnection, uploadFile$, type UploadCheckpoint, type UploadEvent } from 'rx-obs-upload';
import { createFakeObs, fakeSource, on } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, lastCheckpoint, PART, typesOf, uploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

describe('uploadFile$', () => {
  it('emits all events of a multipart upload, at the times of the network', () => {
    const marks: Record<UploadEvent['type'], string> = {
      hashing: 'h',
      started: 's',
      progress: 'p',
      checkpoint: 'c',
      'part-started': '>',
      'part-completed': '<',
      completing: 'm',
      completed: 'd',
      restarted: 'x',
      retrying: 'x',
      waiting: 'x',
      warning: 'x',
    };
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ expectObservable }) => {
      const { upload } = uploadWorld({ progressSteps: 1 }, {}, fakeSource({ size: 2 * PART }));
      const marked$ = new Subject<string>();
      // 10 ms for initiate, 100 ms for each part's bytes and 10 ms for its response, 10 ms for complete.
      expectObservable(marked$).toBe('10ms (spc>) 94ms p 9ms (c<>) 95ms p 9ms (c<m) 5ms (d|)');
      upload({ taskNum: 1, progressIntervalMs: 0 }).subscribe({
        next: ({ type }) => marked$.next(marks[type]),
        complete: () => marked$.complete(),
      });
    });
  });

  it('stores the same bytes, verified by the ETag, with the content type of the file name', () => {
    const { fake, file, upload } = uploadWorld();
    const events = runVirtually(() => record(upload({ metadata: { Owner: 'Zoë 中' }, storageClass: 'WARM' })));
    expectObject(fake, 'film.mp4', file);
    expect(events.values.at(-1)).toEqual({
      type: 'completed',
      result: expect.objectContaining({
        bucket: 'media',
        key: 'film.mp4',
        etag: fake.object('film.mp4')?.etag,
        totalBytes: file.size,
        verified: 'etag',
      }),
      skipped: false,
    });
    expect(fake.object('film.mp4')?.headers).toMatchObject({
      'content-type': 'video/mp4',
      'x-obs-meta-owner': 'Zo%C3%AB %E4%B8%AD',
      'x-obs-storage-class': 'WARM',
    });
  });

  it.each([0, 1, PART])('uploads a file of %i bytes with a single PUT', (size) => {
    const file = fakeSource({ size });
    const { fake, upload } = uploadWorld({}, {}, file);
    const events = runVirtually(() => record(upload({ progressIntervalMs: 50 })));
    expectObject(fake, 'film.mp4', file);
    expect(fake.log.map((arrival) => arrival.operation)).toEqual(['putObject']);
    expect(typesOf(events).filter((type) => type !== 'progress')).toEqual([
      'started',
      'part-started',
      'part-completed',
      'completing',
      'completed',
    ]);
    expect(eventsOf(events, 'started')[0]).toMatchObject({ uploadId: null, partCount: 1, totalBytes: size });
    expect(eventsOf(events, 'progress').at(-1)).toMatchObject({ transferredBytes: size, totalBytes: size });
  });

  it.each([0, 1, PART])("uploads a file of %i bytes in one part with multipart: 'always'", (size) => {
    const file = fakeSource({ size });
    const { fake, upload } = uploadWorld({}, {}, file);
    runVirtually(() => record(upload({ multipart: 'always' })));
    expectObject(fake, 'film.mp4', file);
    expect(fake.log.map((arrival) => arrival.operation)).toEqual([
      'initiateMultipartUpload',
      'uploadPart',
      'completeMultipartUpload',
    ]);
  });

  it('uploads a real Blob of one part in virtual time', () => {
    const { fake, upload } = uploadWorld();
    runVirtually(() => record(upload({ sourceFile: new Blob(['hello']) })));
    expect(fake.arrivals('putObject')).toHaveLength(1);
  });
});

describe('law 1: cold', () => {
  it('does nothing until it is subscribed to', () => {
    const { fake, file, upload } = uploadWorld();
    runVirtually(() => {
      upload();
      return record(NEVER);
    });
    expect(fake.log).toHaveLength(0);
    expect(file.reads).toHaveLength(0);
  });

  it('starts an upload for each subscription', () => {
    const { fake, file, upload } = uploadWorld();
    runVirtually(() => {
      const upload$ = upload();
      record(upload$);
      return record(upload$);
    });
    expect(fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
    expect(fake.arrivals('completeMultipartUpload').map((arrival) => arrival.status)).toEqual([200, 200]);
    expectObject(fake, 'film.mp4', file);
  });
});

describe('law 2: started once, completed once and last', () => {
  it('emits only retrying before started, and completed last', () => {
    const { upload } = uploadWorld({ faults: [on('initiateMultipartUpload').respond(503, 'SlowDown')] });
    const events = runVirtually(() => record(upload()));
    expect(typesOf(events).slice(0, 2)).toEqual(['retrying', 'started']);
    expect(eventsOf(events, 'started')).toHaveLength(1);
    expect(typesOf(events).indexOf('completed')).toBe(typesOf(events).length - 1);
    expect(events.completed).toBe(true);
  });

  it('fails without completed if a part cannot be retried', () => {
    const { fake, upload } = uploadWorld({
      faults: [on('uploadPart', { partNumber: 2 }).respond(400, 'EntityTooLarge')],
    });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({
      name: 'ServiceError',
      serviceCode: 'EntityTooLarge',
      operation: 'uploadPart',
      partNumber: 2,
    });
    expect(typesOf(events)).not.toContain('completed');
    expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
    expect(fake.uploads()).toHaveLength(1);
  });
});

describe('law 3: unsubscribing sends nothing more', () => {
  const cancelTimes = [0, 1, 9, 10, 11, 60, 110, 119, 120, 121, 180, 230, 240, 241, 245, 250];

  it.each(cancelTimes)('aborts requests in flight after %i ms and keeps the upload', (ms) => {
    const { fake, upload } = uploadWorld();
    let sentBefore = 0;
    runVirtually(() => {
      const events = record(upload());
      at(ms, () => {
        events.unsubscribe();
        sentBefore = fake.log.length;
        expect(fake.inFlight()).toBe(0);
      });
      return events;
    });
    expect(fake.log).toHaveLength(sentBefore);
    expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])(
    'sends nothing after an unsubscribe inside event %i',
    (n) => {
      const { fake, upload } = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
      let sentBefore = -1;
      runVirtually(() => {
        const events = record(upload().pipe(take(n)));
        asyncScheduler.schedule(() => (sentBefore = fake.log.length), 0);
        return events;
      });
      expect(fake.log).toHaveLength(sentBefore);
      expect(fake.inFlight()).toBe(0);
    },
  );

  it.each([{}, { checksum: 'md5' }] as const)(
    'sends nothing more once a part has failed for good, with %j',
    (options) => {
      const refused = on('uploadPart', { partNumber: 1 }).respond(403, 'AccessDenied');
      const { obs, upload } = uploadWorld({ faults: [refused] }, {}, fakeSource({ size: 8 * PART }));
      const aborted: (number | null)[] = [];
      obs.requests$.subscribe(({ partNumber, errorCode }) => errorCode === 'aborted' && aborted.push(partNumber));
      const events = runVirtually(() => record(upload(options)));
      expect(events.error).toMatchObject({ serviceCode: 'AccessDenied' });
      expect(aborted).toEqual([2]);
    },
  );

  it('releases its permits to other uploads', () => {
    const { fake, file, upload } = uploadWorld({}, { maxConcurrentRequests: 2 });
    runVirtually(() => {
      const first = record(upload({ key: 'first' }));
      const second = record(upload({ key: 'second' }));
      at(60, () => first.unsubscribe());
      return second;
    });
    expectObject(fake, 'second', file);
    expect(fake.maxInFlight()).toBe(2);
  });

  it('cancels a pending retry', () => {
    const { fake, upload } = uploadWorld({
      faults: [on('uploadPart', { times: Infinity }).respond(500, 'InternalError')],
    });
    runVirtually(() => {
      const events = record(upload({ taskNum: 1 }));
      at(400, () => events.unsubscribe());
      return events;
    });
    expect(fake.arrivals('uploadPart')).toHaveLength(1);
  });
});

describe('law 4: resuming sends only missing parts of the same file', () => {
  it('includes every acknowledged part in the next checkpoint', () => {
    const { fake, upload } = uploadWorld();
    const events = runVirtually(() => record(upload()));
    const numbers = eventsOf(events, 'checkpoint').map(({ checkpoint }) => checkpoint.parts.length);
    expect(numbers).toEqual([0, 1, 2, 3, 4]);
    const order = typesOf(events).filter((type) => type === 'checkpoint' || type === 'part-completed');
    expect(order.slice(1).join()).toBe('checkpoint,part-completed,'.repeat(4).slice(0, -1));
    expect(fake.arrivals('uploadPart')).toHaveLength(4);
  });

  it('sends no acknowledged part twice, and creates the same object', () => {
    const { fake, file, upload, resume } = uploadWorld();
    const cancelled = runVirtually(() => record(upload().pipe(takeUntil(timer(120.5)))));
    expect(cancelled.completed).toBe(true);
    expect(typesOf(cancelled)).not.toContain('completed');
    const checkpoint = JSON.parse(JSON.stringify(lastCheckpoint(cancelled)));
    const resumed = runVirtually(() => record(resume(checkpoint)));
    expect(
      fake
        .arrivals('uploadPart')
        .filter((arrival) => arrival.status === 200)
        .map((arrival) => arrival.partNumber)
        .sort(),
    ).toEqual([1, 2, 3, 4]);
    expect(eventsOf(resumed, 'started')[0]).toMatchObject({ resumedBytes: 2 * PART });
    expect(fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    expectObject(fake, 'film.mp4', file);
  });

  it('resumes after a failure with only the checkpoint of the error', () => {
    const { fake, obs, file, upload } = uploadWorld({
      faults: [on('uploadPart', { partNumber: 3 }).respond(400, 'EntityTooLarge')],
    });
    const failed = runVirtually(() => record(upload()));
    const { checkpoint } = failed.error as { readonly checkpoint: UploadCheckpoint };
    runVirtually(() => record(uploadFile$(obs, { sourceFile: file, uploadCheckpoint: checkpoint })));
    expectObject(fake, 'film.mp4', file);
  });

  it.each([
    ['other content of the same name, size and date', { seed: 2 }],
    ['another size', { size: 3 * PART + 1001 }],
    ['another date', { lastModified: 1_700_000_000_001 }],
  ])('rejects %s before any request', (_, change) => {
    const { fake, file, upload, resume } = uploadWorld();
    const cancelled = runVirtually(() => record(upload().pipe(takeUntil(timer(120.5)))));
    const sentBefore = fake.log.length;
    file.edit(change);
    const resumed = runVirtually(() => record(resume(lastCheckpoint(cancelled))));
    expect(resumed.error).toMatchObject({ name: 'SourceError', code: 'source-changed' });
    expect(resumed.error).toMatchObject({ checkpoint: lastCheckpoint(cancelled) });
    expect(fake.log).toHaveLength(sentBefore);
    expect(fake.uploads()).toHaveLength(1);
  });

  it('relies on the parts that the server lists', () => {
    const { fake, file, upload, resume } = uploadWorld();
    const cancelled = runVirtually(() => record(upload().pipe(takeUntil(timer(120.5)))));
    const checkpoint = lastCheckpoint(cancelled);
    const [first, second] = checkpoint.parts;
    const tampered = {
      ...checkpoint,
      parts: [
        { ...first, etag: '0'.repeat(32) },
        { partNumber: 4, size: 1000, etag: second?.etag },
      ],
    };
    const resumed = runVirtually(() => record(resume(tampered as typeof checkpoint)));
    // Part 1 has another ETag in the checkpoint, part 4 is only in the checkpoint, part 2 is only on the server.
    const sent = eventsOf(resumed, 'part-started').map((event) => event.partNumber);
    expect(sent).toEqual([1, 3, 4]);
    expectObject(fake, 'film.mp4', file);
  });

  it('uses the part size of the checkpoint', () => {
    const { fake, file, upload, resume } = uploadWorld();
    const cancelled = runVirtually(() => record(upload().pipe(takeUntil(timer(120.5)))));
    const resumed = runVirtually(() => record(resume(lastCheckpoint(cancelled), { partSize: 2 * PART })));
    expect(eventsOf(resumed, 'started')[0]).toMatchObject({ partSize: PART, partCount: 4 });
    expectObject(fake, 'film.mp4', file);
  });

  it('restarts once and emits restarted if the upload no longer exists on the server', () => {
    const { fake, file, upload, resume } = uploadWorld();
    const cancelled = runVirtually(() => record(upload({ acl: 'public-read' }).pipe(takeUntil(timer(120.5)))));
    fake.abortUpload(lastCheckpoint(cancelled).uploadId);
    const resumed = runVirtually(() => record(resume(lastCheckpoint(cancelled), { acl: 'public-read' })));
    expect(typesOf(resumed).slice(0, 2)).toEqual(['restarted', 'started']);
    expect(eventsOf(resumed, 'restarted')[0]).toMatchObject({ reason: 'upload-gone', lostBytes: 2 * PART });
    expectObject(fake, 'film.mp4', file);
    expect(fake.object('film.mp4')?.options).toMatchObject({ acl: 'public-read' });
  });

  it('sends no part if the upload is already completed', () => {
    const { fake, file, upload, resume } = uploadWorld();
    const events = runVirtually(() => record(upload()));
    const resumed = runVirtually(() => record(resume(lastCheckpoint(events))));
    expect(typesOf(resumed)).toEqual(['started', 'progress', 'completing', 'completed']);
    expect(resumed.values.at(-1)).toMatchObject({ result: { verified: 'etag' } });
    expect(fake.arrivals('uploadPart')).toHaveLength(4);
    expectObject(fake, 'film.mp4', file);
  });
});

describe('law 5: progress', () => {
  it.each([
    ['a plain upload', []],
    ['parts that fail half-way', [on('uploadPart', { times: 3 }).reset({ afterBytes: 60_000 })]],
    ['throttling', [on('uploadPart', { arrival: 2, times: 4 }).respond(503, 'SlowDown')]],
  ])('never decreases, and ends with the total before completing: %s', (_, faults) => {
    const { file, upload } = uploadWorld({ faults });
    const events = runVirtually(() => record(upload({ progressIntervalMs: 0 })));
    const bytes = eventsOf(events, 'progress').map((event) => event.transferredBytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(bytes.at(-1)).toBe(file.size);
    const types = typesOf(events);
    expect(types.lastIndexOf('progress')).toBeLessThan(types.indexOf('completing'));
    expect(types.at(-1)).toBe('completed');
    for (const rule of faults) expect(rule.fired).toBeGreaterThan(0);
  });

  it('decreases by lostBytes if the upload is lost while it runs', () => {
    const { fake, file, upload } = uploadWorld({ faults: [on('uploadPart', { partNumber: 3 }).dropUpload()] });
    const events = runVirtually(() => record(upload({ progressIntervalMs: 0 })));
    const restart = typesOf(events).indexOf('restarted');
    const before = eventsOf({ ...events, values: events.values.slice(0, restart) }, 'progress').at(-1);
    const after = eventsOf({ ...events, values: events.values.slice(restart) }, 'progress')[0];
    const { lostBytes } = eventsOf(events, 'restarted')[0] ?? { lostBytes: Number.NaN };
    expect(after?.transferredBytes).toBe((before?.transferredBytes ?? 0) - lostBytes);
    expectObject(fake, 'film.mp4', file);
  });

  it('is emitted at most once per interval, except for the last one', () => {
    const { upload } = uploadWorld({ progressSteps: 50 });
    const events = runVirtually(() => record(upload({ progressIntervalMs: 100 })));
    const times = events.times.filter((_, i) => events.values[i]?.type === 'progress').slice(0, -1);
    expect(times.length).toBeGreaterThan(2);
    times.slice(1).forEach((time, i) => expect(time - (times[i] ?? 0)).toBeGreaterThanOrEqual(100));
  });

  it('reports the speed of the network', () => {
    const { upload } = uploadWorld({ latencyMs: 0 }, {}, fakeSource({ size: 20 * PART }));
    const events = runVirtually(() => record(upload({ taskNum: 1 })));
    expect(eventsOf(events, 'progress').at(-1)?.bytesPerSecond).toBeCloseTo(1024 * 1000, -4);
  });
});

describe('law 9: bounds', () => {
  it.each([1, 2, 3, 100])('has at most taskNum parts in flight: %i', (taskNum) => {
    const { fake, upload } = uploadWorld({}, { maxConcurrentRequests: 100 }, fakeSource({ size: 12 * PART }));
    runVirtually(() => record(upload({ taskNum })));
    expect(fake.maxInFlight('uploadPart')).toBe(Math.min(12, taskNum));
  });

  it('has at most maxConcurrentRequests in flight over all uploads', () => {
    const { fake, upload } = uploadWorld({}, { maxConcurrentRequests: 3 });
    runVirtually(() => {
      for (const key of ['a', 'b', 'c', 'd']) record(upload({ key, taskNum: 4 }));
      return record(NEVER);
    });
    expect(fake.maxInFlight()).toBe(3);
    expect(fake.arrivals('completeMultipartUpload')).toHaveLength(4);
  });

  it('holds no permit while it backs off', () => {
    const { fake, upload } = uploadWorld(
      { faults: [on('uploadPart', { key: 'slow', times: 3 }).respond(503, 'ServiceUnavailable')] },
      { maxConcurrentRequests: 1 },
    );
    let fast!: Recording<UploadEvent>;
    runVirtually(() => {
      record(upload({ key: 'slow', taskNum: 1, retry: { baseDelayMs: 60_000, maxDelayMs: 60_000, jitter: 'none' } }));
      fast = record(upload({ key: 'fast' }));
      return fast;
    });
    expect(fast.endedAt).toBeLessThan(2000);
    expect(fake.object('slow')).not.toBeNull();
  });

  it('follows changes of taskNum without aborting anything', () => {
    const { fake, upload } = uploadWorld({}, {}, fakeSource({ size: 30 * PART }));
    const taskNum = new Subject<number>();
    const inFlight: number[] = [];
    runVirtually(() => {
      const events = record(upload({ taskNum }));
      at(50, () => inFlight.push(fake.inFlight('uploadPart')));
      at(60, () => taskNum.next(4));
      at(70, () => inFlight.push(fake.inFlight('uploadPart')));
      at(80, () => taskNum.next(2));
      at(90, () => inFlight.push(fake.inFlight('uploadPart')));
      at(400, () => inFlight.push(fake.inFlight('uploadPart')));
      return events;
    });
    expect(inFlight).toEqual([1, 4, 4, 2]);
    expect(fake.log.every((arrival) => arrival.status === 200)).toBe(true);
  });
});

describe('law 10: time is RxJS time', () => {
  it('keeps signing with the clock of requestDate during a long upload', () => {
    const start = Date.parse('2024-01-02T03:04:05Z');
    const fake = createFakeObs({ bytesPerSecond: 1000, clockSkewMs: start, latencyMs: 10 });
    const obs = createObsConnection({ server: fake.server, credentials: fake.credentials, transport: fake.transport });
    const file = fakeSource({ size: 20 * PART });
    const events = runVirtually(() =>
      record(
        uploadFile$(obs, {
          bucket: 'media',
          key: 'slow',
          sourceFile: file,
          partSize: PART,
          requestDate: 'Tue, 02 Jan 2024 03:04:05 GMT',
        }),
      ),
    );
    expect(events.endedAt).toBeGreaterThan(30 * 60_000);
    expect(fake.log.every((arrival) => arrival.status === 200)).toBe(true);
    expectObject(fake, 'slow', file);
  });

  it('backs off exponentially with jitter', () => {
    const { upload } = uploadWorld({
      faults: [on('uploadPart', { partNumber: 1, times: 4 }).respond(500, 'InternalError')],
    });
    const events = runVirtually(() =>
      record(upload({ taskNum: 1, retry: { baseDelayMs: 1000, maxDelayMs: 3000, jitter: () => 0.5 } })),
    );
    expect(eventsOf(events, 'retrying').map((event) => [event.attempt, event.delayMs])).toEqual([
      [1, 500],
      [2, 1000],
      [3, 1500],
      [4, 1500],
    ]);
    expect(typesOf(events).at(-1)).toBe('completed');
  });
});

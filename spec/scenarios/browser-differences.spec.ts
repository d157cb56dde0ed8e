import { Observable, takeUntil, timer } from 'rxjs';
import {
  abortUpload$,
  listUploads$,
  xhrTransport,
  type TransportRequest,
  type UploadCheckpoint,
  type UploadEvent,
} from 'rx-obs-upload';
import {
  fakeSource,
  on,
  type CorsRule,
  type FakeObsOptions,
  type FaultRule,
  type ObsOperation,
} from 'rx-obs-upload/testing';
import { eventsOf, lastCheckpoint, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';
import { withXhr, type Quirk, type Quirks } from '../support/fake-xhr.js';
import {
  connectedBy,
  expectFailed,
  expectFired,
  expectKept,
  expectNothingKept,
  expectSurvived,
  first,
  interrupted,
  resumeAsJson,
  THREE_TIMES,
} from '../support/scenario-world.js';

const FOR_EVER = { times: Number.POSITIVE_INFINITY };
const ORIGIN = 'https://app.test';

function isPart({ url }: TransportRequest, partNumber: number): boolean {
  return url.includes(`partNumber=${partNumber}&`);
}

/** The first time that part 2 is sent; or each time. */
function atPart2(quirk: Quirk, always = false): { readonly quirks: Quirks; readonly met: () => number } {
  let met = 0;
  const quirks: Quirks = (request) => (isPart(request, 2) && (always || met === 0) && ++met > 0 ? quirk : null);
  return { quirks, met: () => met };
}

/** A page, whose requests go by an XMLHttpRequest that has quirks. */
function pageWorld(fake: FakeObsOptions = {}): UploadWorld {
  return uploadWorld({ origin: ORIGIN, ...fake }, { transport: xhrTransport() });
}

/** As the engine has it, and nothing else: pages see what they may. */
function inPage(world: UploadWorld, quirks: Quirks, taskNum = 2, stallTimeoutMs = 5000): Recording<UploadEvent> {
  return withXhr(world.fake, quirks, () =>
    runVirtually(() => record(world.upload({ taskNum, stallTimeoutMs, retry: THREE_TIMES }))),
  );
}

/** The same service by an engine without quirks. */
function healthy(world: UploadWorld): UploadWorld {
  return connectedBy(world, {});
}

const exposing = (...exposeHeaders: string[]): CorsRule => ({
  allowedOrigins: [ORIGIN],
  allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
  allowedHeaders: ['*'],
  exposeHeaders,
  maxAgeSeconds: 3600,
});

describe('browser differences', () => {
  it('without quirks: the file arrives', () => {
    const world = pageWorld();
    expectSurvived(
      world,
      inPage(world, () => null),
    );
  });

  const failing: readonly [what: string, quirk: Quirk, code: 'network' | 'stalled'][] = [
    ['an abort event that nobody asked for, in the body', { gives: { event: 'abort', afterMs: 50 } }, 'network'],
    ['an abort event that nobody asked for, before the answer', { gives: { event: 'abort', afterMs: 105 } }, 'network'],
    ['a timeout event that nobody asked for', { gives: { event: 'timeout', afterMs: 50 } }, 'network'],
    ['an error event', { gives: { event: 'error', afterMs: 50 } }, 'network'],
    ['load without a status', { emptyLoad: true }, 'network'],
    ['an XHR that never reaches DONE', { neverDone: true }, 'stalled'],
  ];

  it.each(failing)('%s: a network error, and sent again', (_, quirk, code) => {
    const world = pageWorld();
    const { quirks, met } = atPart2(quirk);
    const events = inPage(world, quirks);
    expect(met()).toBe(1);
    expectSurvived(world, events);
    expect(eventsOf(events, 'retrying')).toMatchObject([
      { operation: 'uploadPart', partNumber: 2, error: { name: 'NetworkError', code } },
    ]);
  });

  it.each(failing)('%s, again and again: NetworkError; the upload stays', (_, quirk, code) => {
    const world = pageWorld();
    const { quirks, met } = atPart2(quirk, true);
    const events = inPage(world, quirks);
    expect(met()).toBe(3);
    expectKept(world, events, { name: 'NetworkError', code, partNumber: 2 }, { healed: healthy(world) });
  });

  it.each(failing)('%s, at complete: the object is found or complete is sent again', (_, quirk) => {
    let met = 0;
    const world = pageWorld();
    const isComplete = ({ method, url }: TransportRequest): boolean => method === 'POST' && url.includes('uploadId=');
    const events = inPage(world, (request) => (isComplete(request) && ++met === 1 ? quirk : null));
    expect(met).toBeGreaterThanOrEqual(1);
    expectSurvived(world, events);
  });

  it('our own abort makes no error of a request that is given up', () => {
    const world = pageWorld();
    const errors: unknown[] = [];
    withXhr(
      world.fake,
      () => null,
      () =>
        runVirtually(() => {
          const events = record(world.upload());
          events.unsubscribe();
          errors.push(events.error);
          return events;
        }),
    );
    expect(errors).toEqual([undefined]);
    expect(world.fake.inFlight()).toBe(0);
  });

  describe('no progress events', () => {
    it('of an engine: the upload completes, and progress is reported by parts', () => {
      const world = pageWorld();
      const events = inPage(world, () => ({ progress: 0 }), 1);
      expectSurvived(world, events);
      expect(eventsOf(events, 'progress').map(({ transferredBytes }) => transferredBytes)).toEqual([
        0,
        PART,
        2 * PART,
        3 * PART,
        3 * PART + 1000,
      ]);
    });

    it('of a transport that says so: a slow line is waited for, by its size', () => {
      const slow = on('uploadPart', { partNumber: 2 }).slow({ bytesPerSecond: 10 * 1024 });
      const world = uploadWorld({ reportsProgress: false, faults: [slow] });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
      expectFired(slow);
      expectSurvived(world, events);
      expect(eventsOf(events, 'retrying')).toHaveLength(0);
      expect(events.endedAt).toBeGreaterThan(10_000);
    });

    it('of a transport that says so: silence is a stall all the same', () => {
      const silent = on('uploadPart', { partNumber: 2 }).stall('mid-body');
      const world = uploadWorld({ reportsProgress: false, faults: [silent] });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
      expectFired(silent);
      expectSurvived(world, events);
      expect(first(events, 'retrying')).toMatchObject({ partNumber: 2, error: { code: 'stalled' } });
      // 5 s and 100 KiB at 16 KiB/s.
      expect(events.endedAt).toBeGreaterThan(11_000);
      expect(events.endedAt).toBeLessThan(13_000);
    });
  });

  describe('progress that is not true', () => {
    const wrong: readonly [what: string, quirk: Quirk][] = [
      ['after completion', { lateProgress: true }],
      ['that falls', { loaded: (bytes) => (bytes % 2 === 0 ? bytes : Math.floor(bytes / 3)) }],
      ['of more bytes than there are', { loaded: (bytes) => 3 * bytes + 500_000 }],
      ['of nothing all the time', { loaded: () => 0 }],
    ];

    it.each(wrong)('%s: what is emitted never falls, never exceeds the total and ends with it', (_, quirk) => {
      const world = pageWorld({ progressSteps: 7 });
      const events = withXhr(
        world.fake,
        () => quirk,
        () => runVirtually(() => record(world.upload({ taskNum: 3, progressIntervalMs: 0 }))),
      );
      expectSurvived(world, events);
      const told = eventsOf(events, 'progress').map(({ transferredBytes }) => transferredBytes);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(told.at(-1)).toBe(world.file.size);
    });

    it('of a transport that continues after its answer: nothing is counted twice', () => {
      const world = uploadWorld({ bytesPerSecond: null });
      const { transport } = world.fake;
      const chatty = connectedBy(world, {
        transport: {
          ...transport,
          send: (request) =>
            new Observable((subscriber) =>
              transport.send(request).subscribe({
                next: (event) => {
                  subscriber.next(event);
                  if (event.type === 'response') subscriber.next({ type: 'upload-progress', loadedBytes: PART });
                },
                error: (error: unknown) => subscriber.error(error),
                complete: () => subscriber.complete(),
              }),
            ),
        },
      });
      const events = runVirtually(() => record(chatty.upload({ taskNum: 1, progressIntervalMs: 0 })));
      expectSurvived(world, events);
      let acknowledged = 0;
      for (const event of events.values) {
        if (event.type === 'part-completed') acknowledged += event.size;
        // At most the part in flight is ahead of what is acknowledged.
        if (event.type === 'progress') expect(event.transferredBytes).toBeLessThanOrEqual(acknowledged + PART);
      }
    });
  });

  describe('thousands of progress events', () => {
    it.each([
      ['the default rate', 100],
      ['no rate at all', 0],
    ])('at %s (%i ms): few of them are emitted, the last one always', (_, progressIntervalMs) => {
      const world = pageWorld({ progressSteps: 1000 });
      let fired = 0;
      const counted: Quirk = { progress: 3, loaded: (bytes) => (fired++, bytes) };
      const events = withXhr(
        world.fake,
        () => counted,
        () => runVirtually(() => record(world.upload({ taskNum: 1, progressIntervalMs }))),
      );
      expect(fired).toBeGreaterThan(9000);
      expectSurvived(world, events);
      // 350 ms of parts; each part's first and last event, and one each 50 ms.
      expect(eventsOf(events, 'progress').length).toBeLessThanOrEqual(progressIntervalMs === 0 ? 25 : 8);
      expect(eventsOf(events, 'progress').at(-1)?.transferredBytes).toBe(world.file.size);
      expect(events.values.length).toBeLessThan(60);
    });

    it('of any transport, at the default rate', () => {
      const world = uploadWorld({ progressSteps: 5000 });
      const events = runVirtually(() => record(world.upload({ taskNum: 3 })));
      expectSurvived(world, events);
      expect(eventsOf(events, 'progress').length).toBeLessThanOrEqual(8);
    });
  });

  describe('no ETag header, as CORS does not expose it', () => {
    it('the ETags are taken from list parts', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: exposing() });
      const events = runVirtually(() => record(world.upload()));
      expect(expectSurvived(world, events).verified).toBe('etag');
      expect(world.fake.arrivals('listParts')).toHaveLength(1);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('and a resume: the same', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: exposing() });
      const checkpoint = interrupted(world);
      expect(checkpoint.parts.map(({ etag }) => etag)).toEqual(['', '']);
      expectSurvived(world, resumeAsJson(world, checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('and a resume where ETags are no MD5s, as under SSE-KMS: nothing acknowledged is sent again', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: exposing(), etags: 'fast' });
      const checkpoint = interrupted(world);
      expect(checkpoint.parts.map(({ etag }) => etag)).toEqual(['', '']);
      expectSurvived(world, resumeAsJson(world, checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('and list parts forbidden: NetworkError that says what to expose; the upload stays', () => {
      const fault = on('listParts', FOR_EVER).respond(403, 'AccessDenied');
      const world = uploadWorld({ origin: ORIGIN, cors: exposing(), faults: [fault] });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      const failed = expectKept(world, events, { name: 'NetworkError', code: 'cors-expose' });
      expect(failed.message).toMatch(/ETag.*ExposeHeader|ExposeHeader.*ETag/);
    });

    it('of one PUT: completes, without an ETag', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: exposing() }, {}, fakeSource({ name: 'film.mp4', size: PART }));
      expect(
        expectSurvived(
          world,
          runVirtually(() => record(world.upload())),
        ),
      ).toMatchObject({ etag: '' });
    });

    it('no CORS rule at all: NetworkError', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: null });
      const events = runVirtually(() => record(world.upload({ retry: THREE_TIMES })));
      expect(events.error).toMatchObject({ name: expect.stringMatching(/NetworkError|SigningError/) as string });
      expect(world.fake.log).toHaveLength(0);
    });
  });

  describe('a captive portal that answers 200 with HTML', () => {
    const operations = ['initiateMultipartUpload', 'uploadPart', 'listParts', 'completeMultipartUpload'] as const;
    const pages: readonly [what: string, html: string][] = [
      ['a page', '<!doctype html><html><head><title>Sign in</title></head><body><p>Sign in</p></body></html>'],
      ['XHTML', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'],
      ['text', 'Please sign in.'],
      ['JSON', '{"login":true}'],
    ];
    const cells = operations.flatMap((operation) => pages.map(([what, html]) => [operation, what, html] as const));

    function start(world: UploadWorld, operation: ObsOperation): Recording<UploadEvent> {
      const given = operation === 'listParts' ? interrupted(world.reconnect()) : null;
      const options = { retry: THREE_TIMES, taskNum: 1 };
      return runVirtually(() => record(given ? world.resume(given, options) : world.upload(options)));
    }

    it.each(cells)('to %s (%s): no success, sent again', (operation, _, html) => {
      const fault = on(operation).htmlPage(html);
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, operation);
      expectFired(fault);
      expectSurvived(world, events);
      expect(first(events, 'retrying')).toMatchObject({ operation, error: { code: 'bad-response' } });
      expect(world.fake.arrivals(operation).length).toBeGreaterThanOrEqual(2);
    });

    it.each(operations)('to %s for good: ServiceError; the upload stays', (operation) => {
      const fault = on(operation, FOR_EVER).htmlPage();
      const world = uploadWorld();
      const given = operation === 'listParts' ? interrupted(world) : null;
      world.fake.addFaults(fault);
      const options = { retry: THREE_TIMES };
      const events = runVirtually(() => record(given ? world.resume(given, options) : world.upload(options)));
      expect(fault.fired).toBeGreaterThanOrEqual(3);
      const error = { name: 'ServiceError', code: 'bad-response', operation, status: 200 };
      if (operation === 'initiateMultipartUpload') expectNothingKept(world, events, error);
      else expectKept(world, events, error, { given });
    });

    it('to HEAD after a lost complete: no success by itself', () => {
      const faults = [on('completeMultipartUpload').reset(), on('headObject').htmlPage()];
      const world = uploadWorld({ faults });
      const events = runVirtually(() => record(world.upload()));
      expectFired(...faults);
      expectSurvived(world, events);
      expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(2);
    });

    const boxes: readonly [what: string, faults: (times: number) => readonly FaultRule[]][] = [
      ['a page', (times) => [on('headObject', { times }).htmlPage()]],
      [
        'an empty 200 that nothing marks',
        (times) => [
          on('headObject', { times }).hideHeaders('etag', 'date', 'server', 'x-obs-request-id', 'x-obs-id-2'),
          on('headObject', { times }).respond(200),
        ],
      ],
    ];

    it.each(boxes)(
      'to HEAD on resuming what was completed (%s): the object is found, nothing is restarted',
      (_, at) => {
        const { world, given } = completedUnnoticed();
        const faults = at(1);
        world.fake.addFaults(...faults);
        const events = resumeAsJson(world.reconnect(), given);
        expectFired(...faults);
        expectSurvived(world, events);
        expect(first(events, 'retrying')).toMatchObject({ operation: 'headObject', error: { code: 'bad-response' } });
        expectNothingBegunAgain(world, events);
      },
    );

    it.each(boxes)('to HEAD on resuming what was completed, for good (%s): an error, nothing is restarted', (_, at) => {
      const { world, given } = completedUnnoticed();
      world.fake.addFaults(...at(Number.POSITIVE_INFINITY));
      const events = resumeAsJson(world.reconnect(), given, { retry: THREE_TIMES });
      const error = { name: 'ServiceError', code: 'bad-response', operation: 'headObject', resumable: true };
      const { checkpoint } = expectFailed(world, events, error, given);
      world.fake.clearFaults();
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectSurvived(world, resumed);
      expectNothingBegunAgain(world, events, resumed);
    });

    /** The page goes away before it reads the response to complete. */
    function completedUnnoticed(): { readonly world: UploadWorld; readonly given: UploadCheckpoint } {
      const world = uploadWorld({ faults: [on('completeMultipartUpload').stall('after-effect')] });
      const events = runVirtually(() => record(world.upload().pipe(takeUntil(timer(2000)))));
      expect(world.fake.object('film.mp4')).not.toBeNull();
      return { world, given: lastCheckpoint(events) };
    }

    function expectNothingBegunAgain(world: UploadWorld, ...runs: readonly Recording<UploadEvent>[]): void {
      for (const events of runs) expect(typesOf(events)).not.toContain('restarted');
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    }

    it('to one PUT: no success, sent again', () => {
      const fault = on('putObject').htmlPage();
      const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectSurvived(world, events);
      expect(typesOf(events)).toContain('retrying');
    });

    it('to a part with nothing in it: the list of parts shows that it is missing', () => {
      const fault = on('uploadPart', { partNumber: 2 }).respond(200, null, { body: '' });
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectSurvived(world, events);
      expect(world.fake.arrivals('uploadPart', 2)).toHaveLength(2);
    });

    it('to list uploads and to abort: no success', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const faults = [on('listMultipartUploads').htmlPage(), on('abortMultipartUpload').htmlPage()];
      world.fake.addFaults(...faults);
      const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media' })));
      expect(found.values).toHaveLength(1);
      const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
      expect(aborted.completed).toBe(true);
      expectFired(...faults);
      expect(world.fake.uploads()).toHaveLength(0);
    });
  });
});

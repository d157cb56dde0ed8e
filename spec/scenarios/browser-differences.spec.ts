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
  withConnection,
  expectFailed,
  expectFired,
  expectCanResume,
  expectCanRestart,
  expectUploaded,
  first,
  interrupted,
  resumeAsJson,
  THREE_ATTEMPTS,
} from '../support/scenario-world.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const ORIGIN = 'https://app.test';

function isPart({ url }: TransportRequest, partNumber: number): boolean {
  return url.includes(`partNumber=${partNumber}&`);
}

/** Applies the quirk to part 2, the first time only unless `always` is set. */
function quirkAtPart2(quirk: Quirk, always = false): { readonly quirks: Quirks; readonly hits: () => number } {
  let hits = 0;
  const quirks: Quirks = (request) => (isPart(request, 2) && (always || hits === 0) && ++hits > 0 ? quirk : null);
  return { quirks, hits: () => hits };
}

/** A page that uses an XMLHttpRequest, which may have quirks. */
function pageWorld(fake: FakeObsOptions = {}): UploadWorld {
  return uploadWorld({ origin: ORIGIN, ...fake }, { transport: xhrTransport() });
}

/** Runs an upload in a browser with these quirks. */
function inPage(world: UploadWorld, quirks: Quirks, taskNum = 2, stallTimeoutMs = 5000): Recording<UploadEvent> {
  return withXhr(world.fake, quirks, () =>
    runVirtually(() => record(world.upload({ taskNum, stallTimeoutMs, retry: THREE_ATTEMPTS }))),
  );
}

/** The same service in an engine without quirks. */
function healthy(world: UploadWorld): UploadWorld {
  return withConnection(world, {});
}

const corsExposing = (...exposeHeaders: string[]): CorsRule => ({
  allowedOrigins: [ORIGIN],
  allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
  allowedHeaders: ['*'],
  exposeHeaders,
  maxAgeSeconds: 3600,
});

describe('browser differences', () => {
  it('an upload without quirks completes', () => {
    const world = pageWorld();
    expectUploaded(
      world,
      inPage(world, () => null),
    );
  });

  const failing: readonly [what: string, quirk: Quirk, code: 'network' | 'stalled'][] = [
    ['an unexpected abort event during the body', { gives: { event: 'abort', afterMs: 50 } }, 'network'],
    ['an unexpected abort event before the response', { gives: { event: 'abort', afterMs: 105 } }, 'network'],
    ['an unexpected timeout event', { gives: { event: 'timeout', afterMs: 50 } }, 'network'],
    ['an error event', { gives: { event: 'error', afterMs: 50 } }, 'network'],
    ['a load event without a status', { emptyLoad: true }, 'network'],
    ['an XHR that never reaches DONE', { neverDone: true }, 'stalled'],
  ];

  it.each(failing)('a part is sent again after %s', (_, quirk, code) => {
    const world = pageWorld();
    const { quirks, hits } = quirkAtPart2(quirk);
    const events = inPage(world, quirks);
    expect(hits()).toBe(1);
    expectUploaded(world, events);
    expect(eventsOf(events, 'retrying')).toMatchObject([
      { operation: 'uploadPart', partNumber: 2, error: { name: 'NetworkError', code } },
    ]);
  });

  it.each(failing)(
    'the upload fails with a NetworkError and can be resumed if each attempt gets %s',
    (_, quirk, code) => {
      const world = pageWorld();
      const { quirks, hits } = quirkAtPart2(quirk, true);
      const events = inPage(world, quirks);
      expect(hits()).toBe(3);
      expectCanResume(world, events, { name: 'NetworkError', code, partNumber: 2 }, { healed: healthy(world) });
    },
  );

  it.each(failing)('the object is found or complete is sent again after %s', (_, quirk) => {
    let hits = 0;
    const world = pageWorld();
    const isComplete = ({ method, url }: TransportRequest): boolean => method === 'POST' && url.includes('uploadId=');
    const events = inPage(world, (request) => (isComplete(request) && ++hits === 1 ? quirk : null));
    expect(hits).toBeGreaterThanOrEqual(1);
    expectUploaded(world, events);
  });

  it('cancelling a request causes no error', () => {
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

  describe('without progress events', () => {
    it('progress is reported once per part', () => {
      const world = pageWorld();
      const events = inPage(world, () => ({ progress: 0 }), 1);
      expectUploaded(world, events);
      expect(eventsOf(events, 'progress').map(({ transferredBytes }) => transferredBytes)).toEqual([
        0,
        PART,
        2 * PART,
        3 * PART,
        3 * PART + 1000,
      ]);
    });

    it('a slow part gets the time its size takes, if the transport reports no progress', () => {
      const slow = on('uploadPart', { partNumber: 2 }).slow({ bytesPerSecond: 10 * 1024 });
      const world = uploadWorld({ reportsProgress: false, faults: [slow] });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
      expectFired(slow);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying')).toHaveLength(0);
      expect(events.endedAt).toBeGreaterThan(10_000);
    });

    it('silence is still a stall, if the transport reports no progress', () => {
      const silent = on('uploadPart', { partNumber: 2 }).stall('mid-body');
      const world = uploadWorld({ reportsProgress: false, faults: [silent] });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
      expectFired(silent);
      expectUploaded(world, events);
      expect(first(events, 'retrying')).toMatchObject({ partNumber: 2, error: { code: 'stalled' } });
      // 5 s and 100 KiB at 16 KiB/s.
      expect(events.endedAt).toBeGreaterThan(11_000);
      expect(events.endedAt).toBeLessThan(13_000);
    });
  });

  describe('with wrong progress events', () => {
    const wrong: readonly [what: string, quirk: Quirk][] = [
      ['after completion', { lateProgress: true }],
      ['decreasing', { loaded: (bytes) => (bytes % 2 === 0 ? bytes : Math.floor(bytes / 3)) }],
      ['of more bytes than the part has', { loaded: (bytes) => 3 * bytes + 500_000 }],
      ['always of 0 bytes', { loaded: () => 0 }],
    ];

    it.each(wrong)('emitted progress never decreases, never exceeds the total and ends with it: %s', (_, quirk) => {
      const world = pageWorld({ progressSteps: 7 });
      const events = withXhr(
        world.fake,
        () => quirk,
        () => runVirtually(() => record(world.upload({ taskNum: 3, progressIntervalMs: 0 }))),
      );
      expectUploaded(world, events);
      const emitted = eventsOf(events, 'progress').map(({ transferredBytes }) => transferredBytes);
      expect(emitted).toEqual([...emitted].sort((a, b) => a - b));
      expect(emitted.at(-1)).toBe(world.file.size);
    });

    it('no byte is counted twice if a transport reports progress after its response', () => {
      const world = uploadWorld({ bytesPerSecond: null });
      const { transport } = world.fake;
      const chatty = withConnection(world, {
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
      expectUploaded(world, events);
      let acknowledged = 0;
      for (const event of events.values) {
        if (event.type === 'part-completed') acknowledged += event.size;
        // Only the part in flight may be ahead of what is acknowledged.
        if (event.type === 'progress') expect(event.transferredBytes).toBeLessThanOrEqual(acknowledged + PART);
      }
    });
  });

  describe('with thousands of progress events', () => {
    it.each([
      ['the default interval', 100],
      ['no interval', 0],
    ])('few are emitted and the last one always is, with %s (%i ms)', (_, progressIntervalMs) => {
      const world = pageWorld({ progressSteps: 1000 });
      let fired = 0;
      const counted: Quirk = { progress: 3, loaded: (bytes) => (fired++, bytes) };
      const events = withXhr(
        world.fake,
        () => counted,
        () => runVirtually(() => record(world.upload({ taskNum: 1, progressIntervalMs }))),
      );
      expect(fired).toBeGreaterThan(9000);
      expectUploaded(world, events);
      // The parts take 350 ms: the first and last event of each part, and one every 50 ms.
      expect(eventsOf(events, 'progress').length).toBeLessThanOrEqual(progressIntervalMs === 0 ? 25 : 8);
      expect(eventsOf(events, 'progress').at(-1)?.transferredBytes).toBe(world.file.size);
      expect(events.values.length).toBeLessThan(60);
    });

    it('few are emitted for any transport, with the default interval', () => {
      const world = uploadWorld({ progressSteps: 5000 });
      const events = runVirtually(() => record(world.upload({ taskNum: 3 })));
      expectUploaded(world, events);
      expect(eventsOf(events, 'progress').length).toBeLessThanOrEqual(8);
    });
  });

  describe('without an ETag header, as CORS does not expose it', () => {
    it('the ETags are taken from the list of parts', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: corsExposing() });
      const events = runVirtually(() => record(world.upload()));
      expect(expectUploaded(world, events).verified).toBe('etag');
      expect(world.fake.arrivals('listParts')).toHaveLength(1);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('a resume takes the ETags from the list of parts', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: corsExposing() });
      const checkpoint = interrupted(world);
      expect(checkpoint.parts.map(({ etag }) => etag)).toEqual(['', '']);
      expectUploaded(world, resumeAsJson(world, checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('a resume sends no acknowledged part again where ETags are not MD5s, as with SSE-KMS', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: corsExposing(), etags: 'fast' });
      const checkpoint = interrupted(world);
      expect(checkpoint.parts.map(({ etag }) => etag)).toEqual(['', '']);
      expectUploaded(world, resumeAsJson(world, checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('a resumable NetworkError names the header to expose if listing parts is forbidden', () => {
      const fault = on('listParts', ALWAYS).respond(403, 'AccessDenied');
      const world = uploadWorld({ origin: ORIGIN, cors: corsExposing(), faults: [fault] });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      const failed = expectCanResume(world, events, { name: 'NetworkError', code: 'cors-expose' });
      expect(failed.message).toMatch(/ETag.*ExposeHeader|ExposeHeader.*ETag/);
    });

    it('a single PUT completes without an ETag', () => {
      const world = uploadWorld(
        { origin: ORIGIN, cors: corsExposing() },
        {},
        fakeSource({ name: 'film.mp4', size: PART }),
      );
      expect(
        expectUploaded(
          world,
          runVirtually(() => record(world.upload())),
        ),
      ).toMatchObject({ etag: '' });
    });

    it('the upload fails if there is no CORS rule at all', () => {
      const world = uploadWorld({ origin: ORIGIN, cors: null });
      const events = runVirtually(() => record(world.upload({ retry: THREE_ATTEMPTS })));
      expect(events.error).toMatchObject({ name: expect.stringMatching(/NetworkError|SigningError/) as string });
      expect(world.fake.log).toHaveLength(0);
    });
  });

  describe('with a CORS rule that allows the page, but not its signed requests', () => {
    it.each([
      ['a header', { allowedHeaders: ['authorization', 'content-type'] }],
      ['a method', { allowedMethods: ['GET', 'PUT', 'DELETE', 'HEAD'] }],
    ])('the error names the CORS rule, which lacks %s', (_, lacking) => {
      const world = uploadWorld({ origin: ORIGIN, cors: { ...corsExposing('ETag'), ...lacking } });
      const events = runVirtually(() => record(world.upload({ retry: THREE_ATTEMPTS })));
      expect(events.error).toMatchObject({
        code: 'credentials',
        message: expect.stringContaining('CORS rule') as string,
      });
    });
  });

  describe('with a captive portal that responds 200 with HTML', () => {
    const operations = ['initiateMultipartUpload', 'uploadPart', 'listParts', 'completeMultipartUpload'] as const;
    const pages: readonly [what: string, html: string][] = [
      ['a page', '<!doctype html><html><head><title>Sign in</title></head><body><p>Sign in</p></body></html>'],
      ['XHTML', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'],
      ['text', 'Please sign in.'],
      ['JSON', '{"login":true}'],
    ];
    const cases = operations.flatMap((operation) => pages.map(([what, html]) => [operation, what, html] as const));

    function start(world: UploadWorld, operation: ObsOperation): Recording<UploadEvent> {
      const given = operation === 'listParts' ? interrupted(world.reconnect()) : null;
      const options = { retry: THREE_ATTEMPTS, taskNum: 1 };
      return runVirtually(() => record(given ? world.resume(given, options) : world.upload(options)));
    }

    it.each(cases)('%s is sent again (%s)', (operation, _, html) => {
      const fault = on(operation).htmlPage(html);
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, operation);
      expectFired(fault);
      expectUploaded(world, events);
      expect(first(events, 'retrying')).toMatchObject({ operation, error: { code: 'bad-response' } });
      expect(world.fake.arrivals(operation).length).toBeGreaterThanOrEqual(2);
    });

    it.each(operations)('%s fails with a ServiceError if the portal stays, and works once it is gone', (operation) => {
      const fault = on(operation, ALWAYS).htmlPage();
      const world = uploadWorld();
      const given = operation === 'listParts' ? interrupted(world) : null;
      world.fake.addFaults(fault);
      const options = { retry: THREE_ATTEMPTS };
      const events = runVirtually(() => record(given ? world.resume(given, options) : world.upload(options)));
      expect(fault.fired).toBeGreaterThanOrEqual(3);
      const error = { name: 'ServiceError', code: 'bad-response', operation, status: 200 };
      if (operation === 'initiateMultipartUpload') expectCanRestart(world, events, error);
      else expectCanResume(world, events, error, { given });
    });

    it('HEAD after a lost complete is no success by itself', () => {
      const faults = [on('completeMultipartUpload').reset(), on('headObject').htmlPage()];
      const world = uploadWorld({ faults });
      const events = runVirtually(() => record(world.upload()));
      expectFired(...faults);
      expectUploaded(world, events);
      expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(2);
    });

    const portals: readonly [what: string, faults: (times: number) => readonly FaultRule[]][] = [
      ['a page', (times) => [on('headObject', { times }).htmlPage()]],
      [
        'an empty 200 without any sign of the service',
        (times) => [
          on('headObject', { times }).hideHeaders('etag', 'date', 'server', 'x-obs-request-id', 'x-obs-id-2'),
          on('headObject', { times }).respond(200),
        ],
      ],
    ];

    it.each(portals)('resuming a completed upload finds the object and restarts nothing (HEAD gets %s)', (_, at) => {
      const { world, given } = completeWithoutResponse();
      const faults = at(1);
      world.fake.addFaults(...faults);
      const events = resumeAsJson(world.reconnect(), given);
      expectFired(...faults);
      expectUploaded(world, events);
      expect(first(events, 'retrying')).toMatchObject({ operation: 'headObject', error: { code: 'bad-response' } });
      expectNoRestart(world, events);
    });

    it.each(portals)('resuming a completed upload fails and restarts nothing if HEAD always gets %s', (_, at) => {
      const { world, given } = completeWithoutResponse();
      world.fake.addFaults(...at(Number.POSITIVE_INFINITY));
      const events = resumeAsJson(world.reconnect(), given, { retry: THREE_ATTEMPTS });
      const error = { name: 'ServiceError', code: 'bad-response', operation: 'headObject', resumable: true };
      const { checkpoint } = expectFailed(world, events, error, given);
      world.fake.clearFaults();
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectUploaded(world, resumed);
      expectNoRestart(world, events, resumed);
    });

    /** The page is closed before it receives the response to complete. */
    function completeWithoutResponse(): { readonly world: UploadWorld; readonly given: UploadCheckpoint } {
      const world = uploadWorld({ faults: [on('completeMultipartUpload').stall('after-effect')] });
      const events = runVirtually(() => record(world.upload().pipe(takeUntil(timer(2000)))));
      expect(world.fake.object('film.mp4')).not.toBeNull();
      return { world, given: lastCheckpoint(events) };
    }

    function expectNoRestart(world: UploadWorld, ...runs: readonly Recording<UploadEvent>[]): void {
      for (const events of runs) expect(typesOf(events)).not.toContain('restarted');
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    }

    it('a single PUT is sent again', () => {
      const fault = on('putObject').htmlPage();
      const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectUploaded(world, events);
      expect(typesOf(events)).toContain('retrying');
    });

    it('a part that gets an empty 200 is sent again, as the list of parts shows that it is missing', () => {
      const fault = on('uploadPart', { partNumber: 2 }).respond(200, null, { body: '' });
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectUploaded(world, events);
      expect(world.fake.arrivals('uploadPart', 2)).toHaveLength(2);
    });

    it('listUploads$ and abortUpload$ try again', () => {
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

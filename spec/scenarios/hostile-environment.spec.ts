import fc from 'fast-check';
import {
  createObsConnection,
  isUploadError,
  obsSigner,
  uploadFile$,
  xhrTransport,
  type ObsConnectionOptions,
  type SignedRequest,
  type Signer,
  type Transport,
  type TransportRequest,
  type UploadCheckpoint,
} from 'rx-obs-upload';
import { fakeSource, on, type FakeObs, type ObsOperation } from 'rx-obs-upload/testing';
import { presigningBackend } from '../support/presigning-backend.js';
import { eventsOf, expectObject, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';
import { withXhr } from '../support/fake-xhr.js';
import {
  asJson,
  withConnection,
  expectFailed,
  expectFired,
  expectCanResume,
  expectCanRestart,
  expectEndedCleanly,
  expectUploaded,
  first,
  interrupted,
  withPartSize,
  resumeAsJson,
  THREE_ATTEMPTS,
  urlSigner,
} from '../support/scenario-world.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_114);
const operations: readonly ObsOperation[] = [
  'initiateMultipartUpload',
  'uploadPart',
  'listParts',
  'completeMultipartUpload',
];

/** A transport that records where requests are sent. */
function watched(fake: FakeObs): {
  readonly transport: Transport;
  readonly origins: Set<string>;
  readonly paths: string[];
} {
  const origins = new Set<string>();
  const paths: string[] = [];
  const send = (request: TransportRequest): ReturnType<Transport['send']> => {
    const { origin, pathname } = new URL(request.url);
    origins.add(origin);
    paths.push(pathname);
    return fake.transport.send(request);
  };
  return { transport: { ...fake.transport, send }, origins, paths };
}

describe('hostile environment', () => {
  describe('a checkpoint changed by another script', () => {
    it.each([
      ['server', { server: 'https://evil.test' }],
      ['server', { server: 'https://obs.test.evil.test' }],
      ['server', { server: 'https://obs.test@evil.test' }],
      ['server', { server: 'http://obs.test' }],
      ['bucket', { bucket: 'evil' }],
      ['bucket', { bucket: 'evil.test/#' }],
      ['key', { key: 'index.html' }],
      ['key', { key: '../evil/film.mp4' }],
    ])('is refused before any request if its %s is changed (%j)', (field, change) => {
      const world = uploadWorld();
      const checkpoint = { ...interrupted(world), ...change };
      const sent = world.fake.log.length;
      const resumed = resumeAsJson(world, checkpoint);
      expect(resumed.error).toMatchObject({ name: 'CheckpointError', field });
      expect(world.fake.log).toHaveLength(sent);
    });

    it.each([
      ['host and path', 'evil.test/x'],
      ['host and query', 'evil.test?'],
      ['host and fragment', 'evil.test#'],
      ['user', 'evil.test@x'],
      ['port', 'evil.test:443'],
      ['backslash', 'evil.test\\x'],
      ['dots', '..'],
      ['spaces', 'evil .test'],
      ['percent', '%65vil'],
    ])('is refused before any request if its bucket is malformed (%s) and the request names none', (_, bucket) => {
      const world = uploadWorld();
      const checkpoint = { ...interrupted(world), bucket };
      const sent = world.fake.log.length;
      const upload$ = uploadFile$(world.obs, { sourceFile: world.file, uploadCheckpoint: checkpoint });
      const events = runVirtually(() => record(upload$));
      expect(isUploadError(events.error)).toBe(true);
      expect(world.fake.log).toHaveLength(sent);
    });

    it('sends nothing to another host, whatever its bucket, key and upload id are', () => {
      const text = fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
        fc.webUrl(),
        fc.domain(),
        fc.constantFrom(
          'media',
          'film.mp4',
          '/',
          '//evil.test/',
          '@evil.test',
          '?',
          '#',
          ':80',
          '.evil.test',
          'a/../../b',
        ),
      );
      const world = uploadWorld({ latencyMs: 0, bytesPerSecond: null }, {}, fakeSource({ name: 'film.mp4', size: 10 }));
      const good = interrupted(world, 0, { multipart: 'always' });
      const { transport, origins } = watched(world.fake);
      const { obs } = withConnection(world, { transport });
      fc.assert(
        fc.property(text, text, text, (bucket, key, uploadId) => {
          const uploadCheckpoint = { ...good, bucket, key, uploadId };
          const request = { sourceFile: world.file, uploadCheckpoint, retry: { maxAttempts: 1 } };
          const events = runVirtually(() => record(uploadFile$(obs, request)));
          expect(events.endedAt).not.toBeNull();
          if (!events.completed) expect(isUploadError(events.error)).toBe(true);
        }),
        { numRuns: 120, seed },
      );
      expect(origins.size).toBeGreaterThan(0);
      for (const origin of origins) expect(origin).toMatch(/^https:\/\/(?:[\w.-]+\.)?obs\.test$/);
    });

    it.each([
      ['with its own parts', (parts: UploadCheckpoint['parts']) => parts],
      ['without parts', () => []],
    ])("makes no mixed object if its upload id is that of another file's upload, %s", (_, partsOf) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      // Another file of the same size was being uploaded to the same key, and got further.
      const other = fakeSource({ name: 'other.mp4', size: world.file.size, seed: 7 });
      const foreign = interrupted(world, 4, { sourceFile: other, taskNum: 1 });
      const changed = { ...checkpoint, uploadId: foreign.uploadId, parts: partsOf(checkpoint.parts) };
      const resumed = resumeAsJson(world, changed);
      expectEndedCleanly(world, resumed);
      if (resumed.completed) expectObject(world.fake, 'film.mp4', world.file);
      else expect(isUploadError(resumed.error)).toBe(true);
    });

    it('restarts and reports it if its upload id does not exist', () => {
      const world = uploadWorld();
      const resumed = resumeAsJson(world, { ...interrupted(world), uploadId: 'ffffffff' });
      expectUploaded(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });

    it('completes the same file if its part size and sample are changed consistently', () => {
      const world = uploadWorld({ minPartBytes: 1 });
      const checkpoint = interrupted(world, 0);
      const resumed = resumeAsJson(world, withPartSize(checkpoint, world.file, 50_000));
      expectUploaded(world, resumed);
      expect(first(resumed, 'started')).toMatchObject({ partSize: 50_000, partCount: 7 });
    });
  });

  describe('presigned URLs to another host or scheme', () => {
    /** A backend that returns correct signatures, but URLs changed by `to`. */
    function presigningElsewhere({ fake }: UploadWorld, to: (url: string) => string): Partial<ObsConnectionOptions> {
      const { presign } = presigningBackend(() => fake, {
        answer: (signed) => [signed.map(({ url, ...rest }) => ({ ...rest, url: to(url) }))],
      });
      return { presign };
    }

    const elsewhere: readonly [what: string, to: (url: string) => string][] = [
      ['another host', (url) => url.replace('media.obs.test', 'evil.test')],
      ['a host with the same prefix', (url) => url.replace('obs.test', 'obs.test.evil.test')],
      ['a host with the same suffix', (url) => url.replace('media.obs.test', 'evilobs.test')],
      ['a host behind a user name', (url) => url.replace('media.obs.test', 'media.obs.test@evil.test')],
      ['another port', (url) => url.replace('obs.test', 'obs.test:8443')],
      ['another scheme', (url) => url.replace('https:', 'http:')],
      ['no host', (url) => url.replace('https://media.obs.test', '')],
      ['a host without a scheme', (url) => url.replace('https:', '')],
      ['a data URL', () => 'data:text/plain,x'],
      ['a javascript URL', () => 'javascript:alert(1)'],
      ['a file URL', () => 'file:///etc/passwd'],
      ['an empty URL', () => ''],
      ['an invalid URL', () => 'https://'],
    ];

    it.each(elsewhere)('fail with a SigningError, and nothing is sent there: %s', (_, to) => {
      const world = uploadWorld();
      const { transport, origins } = watched(world.fake);
      const connected = withConnection(world, { transport, ...presigningElsewhere(world, to) });
      const events = runVirtually(() => record(connected.upload({ retry: THREE_ATTEMPTS })));
      expectCanRestart(world, events, { name: 'SigningError', code: 'presign' });
      expect([...origins]).toEqual([]);
    });

    it.each(elsewhere)('fail with a SigningError during an upload, which can be resumed: %s', (_, to) => {
      const world = uploadWorld();
      const { transport, origins } = watched(world.fake);
      const presigned = presigningElsewhere(world, (url) => (url.includes('partNumber=3') ? to(url) : url));
      const connected = withConnection(world, { transport, ...presigned });
      const events = runVirtually(() => record(connected.upload({ taskNum: 1, retry: THREE_ATTEMPTS })));
      expectCanResume(world, events, { name: 'SigningError', code: 'presign', operation: 'uploadPart', partNumber: 3 });
      expect([...origins]).toEqual(['https://media.obs.test']);
    });

    it('are accepted if they keep the host of the bucket', () => {
      const world = uploadWorld();
      const connected = withConnection(
        world,
        presigningElsewhere(world, (url) => url),
      );
      expectUploaded(
        world,
        runVirtually(() => record(connected.upload())),
      );
    });

    it.each([
      ['a string', 'https://media.obs.test/film.mp4'],
      ['null', null],
      ['no headers', { url: 'https://media.obs.test/film.mp4', expiresAt: null }],
      ['no URL', { headers: {}, expiresAt: null }],
      [
        'a header with a line break',
        { url: 'https://media.obs.test/film.mp4', headers: { a: 'b\r\nc: d' }, expiresAt: null },
      ],
    ])('fail before anything is sent if a signer or backend returns %s', (_, given) => {
      const signed = given as unknown as SignedRequest;
      const signer: Signer = { dialect: obsSigner().dialect, sign: () => [signed] };
      for (const options of [{ signer }, { presign: () => [[signed]] }]) {
        const world = uploadWorld();
        const connected = withConnection(world, options);
        const events = runVirtually(() => record(connected.upload({ retry: { maxAttempts: 1 } })));
        expect(isUploadError(events.error)).toBe(true);
        expect(world.fake.log).toHaveLength(0);
      }
    });
  });

  describe('redirects', () => {
    const statuses = [301, 302, 303, 307, 308];
    const cases = operations.flatMap((operation) => statuses.map((status) => [operation, status] as const));

    it.each(cases)('of %s by %i are not followed and end in a ServiceError', (operation, status) => {
      const fault = on(operation, ALWAYS).respond(status, 'TemporaryRedirect', {
        headers: { location: 'https://evil.test/film.mp4' },
      });
      const world = uploadWorld();
      const given = operation === 'listParts' ? interrupted(world) : null;
      world.fake.addFaults(fault);
      const { transport, origins } = watched(world.fake);
      const connected = withConnection(world, { transport });
      const events = runVirtually(() => record(given ? connected.resume(given) : connected.upload()));
      expectFired(fault);
      expect(fault.fired).toBeLessThanOrEqual(2);
      expect([...origins]).toEqual(['https://media.obs.test']);
      const error = { name: 'ServiceError', status, operation };
      if (operation === 'initiateMultipartUpload') expectCanRestart(world, events, error);
      else expectCanResume(world, events, error, { given });
    });

    it('are not followed by fetch, which sends no cookies either', async () => {
      const seen: (RequestInit | undefined)[] = [];
      const spy = jest.spyOn(globalThis, 'fetch').mockImplementation((_, init) => {
        seen.push(init);
        return Promise.reject(new TypeError('unexpected redirect'));
      });
      const obs = createObsConnection({
        server: 'https://obs.test',
        credentials: { accessKeyId: 'AK', secretAccessKey: 'secret' },
      });
      const sourceFile = fakeSource({ size: 10 });
      const request = { bucket: 'media', key: 'a', sourceFile, retry: { maxAttempts: 1 } };
      const error = await new Promise((resolve) => {
        uploadFile$(obs, request).subscribe({ error: resolve, complete: () => resolve(null) });
      }).finally(() => spy.mockRestore());
      expect(error).toMatchObject({ name: 'NetworkError', code: 'network' });
      expect(new Set(seen.map((init) => `${init?.redirect} ${init?.credentials}`))).toEqual(new Set(['manual omit']));
    });
  });

  it('a Location in responses is not followed', () => {
    const headers = {
      location: 'https://evil.test/',
      'content-location': 'https://evil.test/',
      refresh: '0;https://evil.test',
    };
    const faults = [
      on('any', ALWAYS).setHeaders(headers),
      on('completeMultipartUpload').respond(200, null, {
        takesEffect: true,
        body: '<CompleteMultipartUploadResult><Location>https://evil.test/film.mp4</Location><ETag>""</ETag></CompleteMultipartUploadResult>',
      }),
    ];
    const world = uploadWorld({ faults });
    const { transport, origins } = watched(world.fake);
    const events = runVirtually(() => record(withConnection(world, { transport }).upload()));
    expectFired(...faults);
    expectUploaded(world, events);
    expect([...origins]).toEqual(['https://media.obs.test']);
  });

  it('an Endpoint in an error response is not followed', () => {
    const body = '<Error><Code>PermanentRedirect</Code><Endpoint>evil.test</Endpoint><Bucket>evil</Bucket></Error>';
    const fault = on('uploadPart').respond(301, null, { body });
    const world = uploadWorld({ faults: [fault] });
    const { transport, origins } = watched(world.fake);
    const events = runVirtually(() => record(withConnection(world, { transport }).upload()));
    expectFired(fault);
    expectCanResume(world, events, { name: 'ServiceError', serviceCode: 'PermanentRedirect' });
    expect([...origins]).toEqual(['https://media.obs.test']);
  });

  describe('endless response bodies', () => {
    it.each([...operations, 'headObject'] as const)(
      'of %s are read no further than needed, and the upload completes',
      (operation) => {
        const fault = on(operation).endlessResponse();
        const world = uploadWorld();
        const given = operation === 'listParts' ? interrupted(world) : null;
        const lost = operation === 'headObject' ? [on('completeMultipartUpload').loseResponse()] : [];
        world.fake.addFaults(fault, ...lost);
        const events = runVirtually(() => record(given ? world.resume(given) : world.upload()));
        expectFired(fault);
        expectUploaded(world, events);
      },
    );

    it('are aborted by an XHR after 2 MiB, and the request is sent again', () => {
      const world = uploadWorld({}, { transport: xhrTransport() });
      let sent = 0;
      const events = withXhr(
        world.fake,
        ({ url }) => (url.includes('partNumber=2&') && ++sent === 1 ? { endlessMiB: 100 } : null),
        () => runVirtually(() => record(world.upload())),
      );
      expect(sent).toBe(2);
      expectUploaded(world, events);
      expect(first(events, 'retrying')).toMatchObject({ partNumber: 2, error: { name: 'NetworkError' } });
    });

    it('end in a resumable NetworkError with an XHR if they repeat', () => {
      const world = uploadWorld({}, { transport: xhrTransport() });
      const events = withXhr(
        world.fake,
        ({ url }) => (url.includes('partNumber=2&') ? { endlessMiB: 100 } : null),
        () => runVirtually(() => record(world.upload({ retry: THREE_ATTEMPTS }))),
      );
      expectCanResume(world, events, { name: 'NetworkError', partNumber: 2 }, { healed: withConnection(world, {}) });
    });
  });

  it('errors and events never carry a secret, a signature or a signed query', () => {
    const credentials = { accessKeyId: 'AKPUBLIC', secretAccessKey: 'topsecretkey', securityToken: 'topsecrettoken' };
    const echo =
      '<Error><Code>InvalidArgument</Code><Message>StringToSign: x-obs-security-token:topsecrettoken Signature=abcdef</Message></Error>';
    for (const way of ['header', 'query', 'presign'] as const) {
      const faults = [
        on('uploadPart', { arrival: 2 }).reset(),
        on('uploadPart', { arrival: 4 }).respond(503, 'SlowDown'),
        on('completeMultipartUpload').respond(400, null, { body: echo }),
      ];
      const backend = presigningBackend(() => world.fake);
      const signing = { header: {}, query: { signer: urlSigner() }, presign: { presign: backend.presign } }[way];
      const world: UploadWorld = uploadWorld({ credentials: [credentials], faults }, signing);
      const sse = { type: 'customer', key: new Uint8Array(32).fill(7) } as const;
      const events = runVirtually(() => record(world.upload({ sse })));
      expectFired(...faults);
      const failed = expectFailed(world, events, { serviceCode: 'InvalidArgument' });
      const shown = JSON.stringify([events.values, asJson(failed), failed.message, failed.stack, String(failed.cause)]);
      expect(shown).not.toMatch(/topsecret|Signature=(?!…)|abcdef|BwcHBwcH/);
    }
  });
});

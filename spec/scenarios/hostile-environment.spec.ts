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
  connectedBy,
  expectFailed,
  expectFired,
  expectKept,
  expectNothingKept,
  expectSound,
  expectSurvived,
  first,
  interrupted,
  recut,
  resumeAsJson,
  THREE_TIMES,
  urlSigner,
} from '../support/scenario-world.js';

const FOR_EVER = { times: Number.POSITIVE_INFINITY };
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_114);
const operations: readonly ObsOperation[] = [
  'initiateMultipartUpload',
  'uploadPart',
  'listParts',
  'completeMultipartUpload',
];

/** Where requests go. Only what is the connection's own reaches the fake. */
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
  describe('a checkpoint store written by another script', () => {
    it.each([
      ['server', { server: 'https://evil.test' }],
      ['server', { server: 'https://obs.test.evil.test' }],
      ['server', { server: 'https://obs.test@evil.test' }],
      ['server', { server: 'http://obs.test' }],
      ['bucket', { bucket: 'evil' }],
      ['bucket', { bucket: 'evil.test/#' }],
      ['key', { key: 'index.html' }],
      ['key', { key: '../evil/film.mp4' }],
    ])('its %s changed (%j): CheckpointError before any request', (field, change) => {
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
    ])(
      'its bucket changed to something with %s, and no bucket in the request: a typed error before any request',
      (_, bucket) => {
        const world = uploadWorld();
        const checkpoint = { ...interrupted(world), bucket };
        const sent = world.fake.log.length;
        const upload$ = uploadFile$(world.obs, { sourceFile: world.file, uploadCheckpoint: checkpoint });
        const events = runVirtually(() => record(upload$));
        expect(isUploadError(events.error)).toBe(true);
        expect(world.fake.log).toHaveLength(sent);
      },
    );

    it('its bucket, key and upload id of any text: nothing is sent to another host', () => {
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
      const { obs } = connectedBy(world, { transport });
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
      ['and its parts as they were', (parts: UploadCheckpoint['parts']) => parts],
      ['and its parts taken out', () => []],
    ])("its upload id changed to that of another file's upload, %s: never a mixed object", (_, partsOf) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      // Another file of the same size was on its way to the same key, and got further.
      const other = fakeSource({ name: 'other.mp4', size: world.file.size, seed: 7 });
      const foreign = interrupted(world, 4, { sourceFile: other, taskNum: 1 });
      const changed = { ...checkpoint, uploadId: foreign.uploadId, parts: partsOf(checkpoint.parts) };
      const resumed = resumeAsJson(world, changed);
      expectSound(world, resumed);
      if (resumed.completed) expectObject(world.fake, 'film.mp4', world.file);
      else expect(isUploadError(resumed.error)).toBe(true);
    });

    it('its upload id changed to none that exists: starts over and reports it', () => {
      const world = uploadWorld();
      const resumed = resumeAsJson(world, { ...interrupted(world), uploadId: 'ffffffff' });
      expectSurvived(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });

    it('its part size changed with a sample to match, by somebody who has the file: still the file', () => {
      const world = uploadWorld({ minPartBytes: 1 });
      const checkpoint = interrupted(world, 0);
      const resumed = resumeAsJson(world, recut(checkpoint, world.file, 50_000));
      expectSurvived(world, resumed);
      expect(first(resumed, 'started')).toMatchObject({ partSize: 50_000, partCount: 7 });
    });
  });

  describe('presigned URLs to another host or scheme', () => {
    /** A backend that signs well, but for where it sends to. */
    function misled({ fake }: UploadWorld, to: (url: string) => string): Partial<ObsConnectionOptions> {
      const { presign } = presigningBackend(() => fake, {
        answer: (signed) => [signed.map(({ url, ...rest }) => ({ ...rest, url: to(url) }))],
      });
      return { presign };
    }

    const elsewhere: readonly [what: string, to: (url: string) => string][] = [
      ['another host', (url) => url.replace('media.obs.test', 'evil.test')],
      ['a host that begins alike', (url) => url.replace('obs.test', 'obs.test.evil.test')],
      ['a host that ends alike', (url) => url.replace('media.obs.test', 'evilobs.test')],
      ['a host behind a user name', (url) => url.replace('media.obs.test', 'media.obs.test@evil.test')],
      ['another port', (url) => url.replace('obs.test', 'obs.test:8443')],
      ['another scheme', (url) => url.replace('https:', 'http:')],
      ['no host', (url) => url.replace('https://media.obs.test', '')],
      ['a host without a scheme', (url) => url.replace('https:', '')],
      ['data', () => 'data:text/plain,x'],
      ['a script', () => 'javascript:alert(1)'],
      ['a file', () => 'file:///etc/passwd'],
      ['nothing', () => ''],
      ['no URL', () => 'https://'],
    ];

    it.each(elsewhere)('%s: a typed error, and nothing is sent there', (_, to) => {
      const world = uploadWorld();
      const { transport, origins } = watched(world.fake);
      const there = connectedBy(world, { transport, ...misled(world, to) });
      const events = runVirtually(() => record(there.upload({ retry: THREE_TIMES })));
      expectNothingKept(world, events, { name: 'SigningError', code: 'presign' });
      expect([...origins]).toEqual([]);
    });

    it.each(elsewhere)('%s, in the midst of an upload: a typed error; the upload stays', (_, to) => {
      const world = uploadWorld();
      const { transport, origins } = watched(world.fake);
      const presigned = misled(world, (url) => (url.includes('partNumber=3') ? to(url) : url));
      const there = connectedBy(world, { transport, ...presigned });
      const events = runVirtually(() => record(there.upload({ taskNum: 1, retry: THREE_TIMES })));
      expectKept(world, events, { name: 'SigningError', code: 'presign', operation: 'uploadPart', partNumber: 3 });
      expect([...origins]).toEqual(['https://media.obs.test']);
    });

    it('the host of the bucket: fine', () => {
      const world = uploadWorld();
      const there = connectedBy(
        world,
        misled(world, (url) => url),
      );
      expectSurvived(
        world,
        runVirtually(() => record(there.upload())),
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
    ])('a signer or a backend that gives %s: a typed error before anything is sent', (_, given) => {
      const signed = given as unknown as SignedRequest;
      const signer: Signer = { dialect: obsSigner().dialect, sign: () => [signed] };
      for (const options of [{ signer }, { presign: () => [[signed]] }]) {
        const world = uploadWorld();
        const there = connectedBy(world, options);
        const events = runVirtually(() => record(there.upload({ retry: { maxAttempts: 1 } })));
        expect(isUploadError(events.error)).toBe(true);
        expect(world.fake.log).toHaveLength(0);
      }
    });
  });

  describe('redirects', () => {
    const statuses = [301, 302, 303, 307, 308];
    const cells = operations.flatMap((operation) => statuses.map((status) => [operation, status] as const));

    it.each(cells)('of %s by %i: ServiceError, nothing follows the Location', (operation, status) => {
      const fault = on(operation, FOR_EVER).respond(status, 'TemporaryRedirect', {
        headers: { location: 'https://evil.test/film.mp4' },
      });
      const world = uploadWorld();
      const given = operation === 'listParts' ? interrupted(world) : null;
      world.fake.addFaults(fault);
      const { transport, origins } = watched(world.fake);
      const there = connectedBy(world, { transport });
      const events = runVirtually(() => record(given ? there.resume(given) : there.upload()));
      expectFired(fault);
      expect(fault.fired).toBeLessThanOrEqual(2);
      expect([...origins]).toEqual(['https://media.obs.test']);
      const error = { name: 'ServiceError', status, operation };
      if (operation === 'initiateMultipartUpload') expectNothingKept(world, events, error);
      else expectKept(world, events, error, { given });
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

  it('Location in answers: nothing is sent there', () => {
    const headers = {
      location: 'https://evil.test/',
      'content-location': 'https://evil.test/',
      refresh: '0;https://evil.test',
    };
    const faults = [
      on('any', FOR_EVER).setHeaders(headers),
      on('completeMultipartUpload').respond(200, null, {
        takesEffect: true,
        body: '<CompleteMultipartUploadResult><Location>https://evil.test/film.mp4</Location><ETag>""</ETag></CompleteMultipartUploadResult>',
      }),
    ];
    const world = uploadWorld({ faults });
    const { transport, origins } = watched(world.fake);
    const events = runVirtually(() => record(connectedBy(world, { transport }).upload()));
    expectFired(...faults);
    expectSurvived(world, events);
    expect([...origins]).toEqual(['https://media.obs.test']);
  });

  it('Endpoint in an error answer: nothing is sent there', () => {
    const body = '<Error><Code>PermanentRedirect</Code><Endpoint>evil.test</Endpoint><Bucket>evil</Bucket></Error>';
    const fault = on('uploadPart').respond(301, null, { body });
    const world = uploadWorld({ faults: [fault] });
    const { transport, origins } = watched(world.fake);
    const events = runVirtually(() => record(connectedBy(world, { transport }).upload()));
    expectFired(fault);
    expectKept(world, events, { name: 'ServiceError', serviceCode: 'PermanentRedirect' });
    expect([...origins]).toEqual(['https://media.obs.test']);
  });

  describe('endless response bodies', () => {
    it.each([...operations, 'headObject'] as const)(
      'of %s: read no further than needed, the file arrives',
      (operation) => {
        const fault = on(operation).endlessResponse();
        const world = uploadWorld();
        const given = operation === 'listParts' ? interrupted(world) : null;
        const lost = operation === 'headObject' ? [on('completeMultipartUpload').loseResponse()] : [];
        world.fake.addFaults(fault, ...lost);
        const events = runVirtually(() => record(given ? world.resume(given) : world.upload()));
        expectFired(fault);
        expectSurvived(world, events);
      },
    );

    it('through an XHR: given up after 2 MiB, as a network error, and sent again', () => {
      const world = uploadWorld({}, { transport: xhrTransport() });
      let met = 0;
      const events = withXhr(
        world.fake,
        ({ url }) => (url.includes('partNumber=2&') && ++met === 1 ? { endlessMiB: 100 } : null),
        () => runVirtually(() => record(world.upload())),
      );
      expect(met).toBe(2);
      expectSurvived(world, events);
      expect(first(events, 'retrying')).toMatchObject({ partNumber: 2, error: { name: 'NetworkError' } });
    });

    it('through an XHR, always: NetworkError; the upload stays', () => {
      const world = uploadWorld({}, { transport: xhrTransport() });
      const events = withXhr(
        world.fake,
        ({ url }) => (url.includes('partNumber=2&') ? { endlessMiB: 100 } : null),
        () => runVirtually(() => record(world.upload({ retry: THREE_TIMES }))),
      );
      expectKept(world, events, { name: 'NetworkError', partNumber: 2 }, { healed: connectedBy(world, {}) });
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
      const told = JSON.stringify([events.values, asJson(failed), failed.message, failed.stack, String(failed.cause)]);
      expect(told).not.toMatch(/topsecret|Signature=(?!…)|abcdef|BwcHBwcH/);
    }
  });
});

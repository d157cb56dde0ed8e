import fc from 'fast-check';
import { concat, concatMap, from, map, of, throwError, timer, type Observable } from 'rxjs';
import {
  createObsConnection,
  InvalidOptionsError,
  isUploadError,
  listUploads$,
  ServiceError,
  uploadFile$,
  type ObsCredentials,
  type Transport,
  type UploadEvent,
  type UploadRequest,
} from 'rx-obs-upload';
import { bytesOf, createFakeObs, fakeSource, on, type ObsOperation } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  withConnection,
  expectFailed,
  expectFired,
  expectCanResume,
  expectEndedCleanly,
  expectUploaded,
  first,
  interrupted,
  resumeAsJson,
  THREE_ATTEMPTS,
} from '../support/scenario-world.js';

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_111);
const small = { size: 10, name: 'a.bin' };

function expectNothingPolluted(): void {
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
}

/** A file of one part: cheap enough for many runs. */
function smallWorld(): UploadWorld {
  return uploadWorld({ bytesPerSecond: null, latencyMs: 1 }, {}, fakeSource({ ...small, name: 'film.mp4' }));
}

const bomb =
  '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">' +
  '<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>';
const prototypes =
  '<__proto__><polluted>1</polluted></__proto__><constructor><prototype><polluted>1</polluted></prototype></constructor>' +
  '<toString>x</toString><hasOwnProperty>y</hasOwnProperty>';

const bodies: readonly [what: string, body: string][] = [
  ['an XML bomb', `${bomb}<Error><Code>&lol3;</Code><Message>&lol3;</Message></Error>`],
  ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Error><Code>&x;</Code></Error>'],
  ['prototype names', `<Error>${prototypes}<Code>__proto__</Code></Error>`],
  ['a prototype name as the root', '<__proto__><polluted>1</polluted></__proto__>'],
  ['a method name as the code', '<Error><Code>toString</Code><Message>constructor</Message></Error>'],
  ['64 KiB of message', `<Error><Code>Big</Code><Message>${'x'.repeat(64 * 1024)}</Message></Error>`],
  ['64 KiB of opening brackets', '<'.repeat(64 * 1024)],
  ['64 KiB of ampersands', `<Error><Code>${'&'.repeat(64 * 1024)}</Code></Error>`],
  ['tags 50,000 deep', '<a>'.repeat(50_000)],
  ['50,000 attributes', `<Error ${'a="b" '.repeat(50_000)}/>`],
  ['an open CDATA section', '<Error><![CDATA[<Code>x'],
  ['an open comment', '<!-- <Error>'],
  ['decoded invalid UTF-8', '\ufffd\ufffd<Err\ufffdor><Code>\ufffd</Code></Error>'],
  ['characters that do not exist', '<Error><Code>&#xD800;&#1114112;&#0;&#xFFFFFF;</Code></Error>'],
  ['NULs', '\0\0<Error>\0<Code>\0</Code></Error>'],
  ['HTML', '<!doctype html><html><body onload="globalThis.polluted=1"><script>polluted=1</script></body></html>'],
  ['JSON', '{"__proto__":{"polluted":true}}'],
];

describe('hostile input', () => {
  describe('responses', () => {
    const operations: readonly ObsOperation[] = [
      'initiateMultipartUpload',
      'uploadPart',
      'listParts',
      'completeMultipartUpload',
    ];

    it.each(bodies)('that are errors end in a short ServiceError, and nothing is executed: %s', (_, body) => {
      for (const operation of operations) {
        const world = smallWorld();
        const given = operation === 'listParts' ? interrupted(world, 0, { multipart: 'always' }) : null;
        const fault = on(operation).respond(400, null, { body });
        world.fake.addFaults(fault);
        const events = runVirtually(() => record(given ? world.resume(given) : world.upload({ multipart: 'always' })));
        expectFired(fault);
        const failed = expectFailed(world, events, { name: 'ServiceError', status: 400, operation }, given);
        expect(failed.message.length).toBeLessThan(1000);
        expect(JSON.stringify(failed.message)).not.toContain('lollol');
      }
      expectNothingPolluted();
    });

    it.each(bodies)('of status 200 lead to the right object or a ServiceError: %s', (_, body) => {
      for (const operation of operations) {
        const world = smallWorld();
        const given = operation === 'listParts' ? interrupted(world, 0, { multipart: 'always' }) : null;
        const fault = on(operation).respond(200, null, { body });
        world.fake.addFaults(fault);
        const events = runVirtually(() => record(given ? world.resume(given) : world.upload({ multipart: 'always' })));
        expectFired(fault);
        if (events.completed) expectUploaded(world, events);
        else expectFailed(world, events, { name: 'ServiceError' }, given);
      }
      expectNothingPolluted();
    });

    const ids: readonly [what: string, id: string, text: string][] = [
      ['with a lone surrogate', '&#xD800;', '\ud800'],
      ['of control characters', '&#1;&#10;x&#127;', ''],
      ['with a path', '../../other?uploads', '../../other?uploads'],
      ['named __proto__', '__proto__', '__proto__'],
      ['of 100,000 characters', 'x'.repeat(100_000), ''],
      ['that is an entity', '&lol3;', '&lol3;'],
    ];

    it.each(ids)('whose upload id is one %s lead to a typed error or a correct upload', (_, id) => {
      const body = `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
      const fault = on('initiateMultipartUpload').respond(200, null, { body });
      const world = smallWorld();
      world.fake.addFaults(fault);
      const events = runVirtually(() => record(world.upload({ multipart: 'always' })));
      expectFired(fault);
      if (events.completed) expectUploaded(world, events);
      else {
        expect(isUploadError(events.error)).toBe(true);
        expectEndedCleanly(world, events);
      }
      for (const { key } of world.fake.log) expect(key).toBe('film.mp4');
    });

    it.each(['"</ETag></Part><Part>', '\u0001\u0002', '"', 'x'.repeat(100_000), '__proto__'])(
      'with an invalid ETag (%.20s) are corrected by the list of parts',
      (etag) => {
        const fault = on('uploadPart', { partNumber: 2 }).setHeaders({ etag });
        const world = uploadWorld({ faults: [fault] });
        const events = runVirtually(() => record(world.upload()));
        expectFired(fault);
        expectUploaded(world, events);
      },
    );

    /** Replaces pages of the list of parts; `null` keeps the service's own page. */
    function listing(
      world: UploadWorld,
      page: (marker: number, n: number) => string | null,
    ): { readonly world: UploadWorld; readonly pages: () => number } {
      const { transport } = world.fake;
      let pages = 0;
      const forged: Transport = {
        ...transport,
        send: (request) => {
          const marker = /part-number-marker=(\d+)/.exec(request.url)?.[1];
          const body = marker === undefined ? null : page(Number(marker), ++pages);
          return body === null
            ? transport.send(request)
            : from([{ type: 'response', response: { status: 200, headers: {}, body } } as const]);
        },
      };
      return { world: withConnection(world, { transport: forged }), pages: () => pages };
    }

    const part = (partNumber: number | string, size: number | string, etag: string): string =>
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>"${etag}"</ETag><Size>${size}</Size></Part>`;
    const list = (parts: string, next: number | string | null = null): string =>
      `<ListPartsResult><IsTruncated>${next === null ? 'false' : 'true'}</IsTruncated>` +
      `${next === null ? '' : `<NextPartNumberMarker>${next}</NextPartNumberMarker>`}${parts}</ListPartsResult>`;

    it('that list parts twice, as overlapping pages do, count them once', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const own = checkpoint.parts.map(({ partNumber, size, etag }) => part(partNumber, size, etag)).join('');
      const forged = listing(world, (marker) => (marker === 0 ? list(own, 1) : list(own)));
      const resumed = resumeAsJson(forged.world, checkpoint);
      expect(forged.pages()).toBe(2);
      expectUploaded(world, resumed);
      expect(first(resumed, 'started')?.resumedBytes).toBe(2 * PART);
      expect(eventsOf(resumed, 'part-started').map(({ partNumber }) => partNumber)).toEqual([3, 4]);
    });

    it('that list invalid numbers do not count, so those parts are sent', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const odd = [
        [0, PART],
        [-1, PART],
        [1e9, PART],
        [3, -PART],
        [3, 1e300],
        [4, 0],
      ].map(([n = 0, size = 0]) => part(n, size, '0'.repeat(32)));
      const forged = listing(world, (_, n) => (n === 1 ? list(odd.join('')) : null));
      expectUploaded(world, resumeAsJson(forged.world, checkpoint));
      expect(forged.pages()).toBeGreaterThan(0);
    });

    it.each(['NaN', '1.5', '', 'x'])('that list a part number of %p are requested again', (partNumber) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const forged = listing(world, (_, n) => (n === 1 ? list(part(partNumber, PART, 'x')) : null));
      expectUploaded(world, resumeAsJson(forged.world, checkpoint));
    });

    it.each([
      ['do not advance', () => 0],
      ['go backwards', (marker: number) => marker - 1],
      ['never end', (marker: number) => marker + 1000],
    ])('whose pages %s end in a ServiceError', (_, next) => {
      const world = uploadWorld();
      const given = interrupted(world);
      const forged = listing(world, (marker, n) => (n > 50 ? null : list('', next(marker))));
      const resumed = resumeAsJson(forged.world, given);
      expect(forged.pages()).toBeLessThanOrEqual(12);
      expectCanResume(world, resumed, { name: 'ServiceError', operation: 'listParts' }, { given });
    });

    it('whose pages of uploads do not advance end in a ServiceError', () => {
      const fake = createFakeObs();
      let pages = 0;
      const body =
        '<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>' +
        '<NextUploadIdMarker>u</NextUploadIdMarker><Upload><Key>k</Key><UploadId>u</UploadId></Upload>' +
        '</ListMultipartUploadsResult>';
      const transport: Transport = {
        reportsProgress: true,
        send: (request) =>
          ++pages > 50
            ? fake.transport.send(request)
            : from([{ type: 'response', response: { status: 200, headers: {}, body } } as const]),
      };
      const obs = createObsConnection({ server: fake.server, credentials: fake.credentials, transport });
      const found = runVirtually(() => record(listUploads$(obs, { bucket: 'media' })));
      expect(pages).toBeLessThanOrEqual(3);
      expect(found.error).toBeInstanceOf(ServiceError);
    });

    it('of any kind lead to the right object or a typed error', () => {
      const pieces = fc.constantFrom(
        '<Error>',
        '</Error>',
        '<Code>',
        'InternalError',
        'NoSuchUpload',
        'InvalidPart',
        'RequestTimeTooSkewed',
        '</Code>',
        '<InitiateMultipartUploadResult>',
        '<UploadId>',
        '</UploadId>',
        '<CompleteMultipartUploadResult>',
        '<ETag>',
        '<ListPartsResult>',
        '<Part>',
        '<PartNumber>1</PartNumber>',
        '<Size>10</Size>',
        '<IsTruncated>true</IsTruncated>',
        '<NextPartNumberMarker>',
        '&#xD800;',
        '&lol;',
        '<__proto__>',
        '<',
        '\0',
        ' ',
      );
      const responses = fc.record({
        operation: fc.constantFrom<ObsOperation[]>(
          'initiateMultipartUpload',
          'uploadPart',
          'completeMultipartUpload',
          'headObject',
          'listParts',
        ),
        status: fc.constantFrom(200, 200, 200, 201, 204, 206, 299, 301, 304, 400, 403, 404, 409, 500, 600, 999),
        body: fc.array(pieces, { maxLength: 8 }).map((each) => each.join('')),
        times: fc.integer({ min: 1, max: 3 }),
        takesEffect: fc.boolean(),
        headers: fc.dictionary(
          fc.constantFrom('etag', 'date', 'retry-after', 'content-length', '__proto__'),
          fc.string(),
        ),
      });
      fc.assert(
        fc.property(fc.array(responses, { minLength: 1, maxLength: 3 }), (each) => {
          const world = smallWorld();
          for (const { operation, times, status, ...options } of each) {
            world.fake.addFaults(on(operation, { times }).respond(status, null, options));
          }
          const events = runVirtually(() => record(world.upload({ multipart: 'always', retry: THREE_ATTEMPTS })));
          expectEndedCleanly(world, events);
          if (!events.completed) expect(isUploadError(events.error)).toBe(true);
          expectNothingPolluted();
        }),
        { numRuns: 200, seed },
      );
    });
  });

  describe('keys', () => {
    /** Uploads a small file under a key, as a single PUT or in parts. */
    function under(
      key: string,
      multipart: 'auto' | 'always',
    ): { readonly world: UploadWorld; readonly events: Recording<UploadEvent> } {
      const world = smallWorld();
      return { world, events: runVirtually(() => record(world.upload({ key, multipart }))) };
    }

    const planes = Array.from({ length: 17 }, (_, plane) => plane);
    const inPlane = (plane: number): string =>
      [0x20, 0x41, 0x3042, 0xd7ff, 0xe000, 0xfffd].map((low) => String.fromCodePoint(plane * 0x10000 + low)).join('');

    it.each(planes)('of Unicode plane %i upload correctly', (plane) => {
      const key = inPlane(plane);
      for (const multipart of ['auto', 'always'] as const) {
        const { world, events } = under(key, multipart);
        expectUploaded(world, events, key);
      }
    });

    it('of every control character upload correctly', () => {
      const key = Array.from({ length: 0xa0 }, (_, code) => code)
        .filter((code) => code < 0x20 || code >= 0x7f)
        .map((code) => String.fromCharCode(code))
        .join('');
      for (const multipart of ['auto', 'always'] as const) {
        const { world, events } = under(key, multipart);
        expectUploaded(world, events, key);
      }
    });

    it.each([
      '/',
      '//',
      'a//b',
      '/a/',
      'a/',
      '%2e%2e/x',
      '%',
      '%zz',
      'a\\..\\b',
      '?uploads',
      '#x',
      'a+b c&d=e',
      '...',
      '.a',
      'a.',
      '…',
      ':',
      '@',
      "!'()*",
    ])('like %j upload correctly', (key) => {
      for (const multipart of ['auto', 'always'] as const) {
        const { world, events } = under(key, multipart);
        expectUploaded(world, events, key);
      }
    });

    it.each(['.', '..', './a', '../a', 'a/.', 'a/..', 'a/./b', 'a/../b', '/../', 'a/..//b'])(
      'with a dot segment are refused before anything is sent: %j',
      (key) => {
        const { world, events } = under(key, 'auto');
        expect(events.error).toBeInstanceOf(InvalidOptionsError);
        expect(events.error).toMatchObject({ option: 'key' });
        expect(world.fake.log).toHaveLength(0);
      },
    );

    it.each([
      ['1025 bytes', 'k'.repeat(1025)],
      ['1025 bytes in 513 characters', `${'é'.repeat(512)}k`],
      ['1028 bytes in 257 characters beyond the first plane', '🎈'.repeat(257)],
      ['a lone surrogate', 'a\udc00b'],
      ['no characters', ''],
    ])('of %s are refused before anything is sent', (_, key) => {
      const { world, events } = under(key, 'auto');
      expect(events.error).toBeInstanceOf(InvalidOptionsError);
      expect(world.fake.log).toHaveLength(0);
    });

    it.each(['k'.repeat(1024), 'é'.repeat(512), '🎈'.repeat(256)])('of 1024 bytes upload correctly', (key) => {
      const { world, events } = under(key, 'always');
      expectUploaded(world, events, key);
    });

    it('of any characters upload correctly or are refused before anything is sent', () => {
      const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
      const paths = fc.array(fc.constantFrom('/', '.', '..', 'a', '%', '\\', ' ', '\t', '🎈', '\u0000', '?', '#'), {
        minLength: 1,
      });
      fc.assert(
        fc.property(
          fc.oneof(
            any,
            paths.map((each) => each.join('')),
          ),
          fc.constantFrom('auto', 'always'),
          (key, multipart) => {
            const { world, events } = under(key, multipart);
            const isDotted = key.split('/').some((segment) => segment === '.' || segment === '..');
            if (!isDotted) return void expectUploaded(world, events, key);
            expect(events.error).toBeInstanceOf(InvalidOptionsError);
            expect(world.fake.log).toHaveLength(0);
          },
        ),
        { numRuns: 100, seed },
      );
    });

    it('of any characters are listed by listUploads$', () => {
      const key = `${inPlane(0)}\t\n\u0000${inPlane(1)} +%&<>"'`;
      const world = smallWorld();
      interrupted(world, 0, { key, multipart: 'always' });
      const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media' })));
      expect(found.values.map((upload) => upload.key)).toEqual([key]);
    });
  });

  describe('header injection', () => {
    it.each([
      ['a line break', 'me\r\nx-obs-acl: public-read'],
      ['a bare line feed', 'me\nx-obs-acl: public-read'],
      ['a bare carriage return', 'me\rx-obs-acl: public-read'],
      ['a NUL', 'me\0'],
      ['a lone surrogate', 'me\ud800'],
    ])('through an option is refused before anything is sent: %s', (_, owner) => {
      const world = smallWorld();
      for (const wrong of [
        { metadata: { owner } },
        { tagging: { owner } },
        { contentType: owner },
        { acl: owner },
        { cacheControl: owner },
        { contentDisposition: owner },
        { contentEncoding: owner },
        { contentLanguage: owner },
        { websiteRedirectLocation: owner },
        { sse: { type: 'kms', keyId: owner } as const },
      ]) {
        const events = runVirtually(() => record(world.upload(wrong)));
        expect(events.error).toBeInstanceOf(InvalidOptionsError);
      }
      expect(world.fake.log).toHaveLength(0);
    });

    it('through any name and value of metadata is refused or has no effect', () => {
      const plainWorld = smallWorld();
      expectUploaded(
        plainWorld,
        runVirtually(() => record(plainWorld.upload())),
      );
      const plain = new Set(Object.keys(plainWorld.fake.log[0]?.headers ?? {}));
      const names = fc.oneof(
        fc.stringMatching(/^[\w-]{1,12}$/),
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.constantFrom('__proto__', 'constructor', 'toString', 'x y', 'a:b', 'a\r\nb', ''),
      );
      const values = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ maxLength: 20 }));
      let stored = 0;
      fc.assert(
        fc.property(fc.array(fc.tuple(names, values), { maxLength: 3 }), (pairs) => {
          const world = smallWorld();
          const metadata = Object.fromEntries(pairs);
          const events = runVirtually(() => record(world.upload({ metadata })));
          if (events.error !== undefined) {
            expect(events.error).toBeInstanceOf(InvalidOptionsError);
            expect(world.fake.log).toHaveLength(0);
            return;
          }
          expectUploaded(world, events);
          stored++;
          const expected = Object.keys(metadata).map((name) => `x-obs-meta-${name.toLowerCase()}`);
          const sent = Object.keys(world.fake.log[0]?.headers ?? {});
          expect(sent.filter((name) => !plain.has(name) && !expected.includes(name))).toEqual([]);
          for (const value of Object.values(world.fake.log[0]?.headers ?? {})) expect(value).toMatch(/^[\x20-\x7e]*$/);
        }),
        { numRuns: 200, seed },
      );
      expect(stored).toBeGreaterThan(20);
      expectNothingPolluted();
    });
    it.each([
      ['static', (credentials: ObsCredentials) => credentials],
      ['provided', (credentials: ObsCredentials) => () => from([credentials])],
    ] as const)('through %s credentials is refused before anything is sent', (_, give) => {
      const { fake } = smallWorld();
      for (const wrong of [
        { accessKeyId: 'AK\r\nx-obs-acl: public-read' },
        { securityToken: 'token\r\nx-obs-acl: public-read' },
        { securityToken: 'token\nmore' },
      ]) {
        const errors: unknown[] = [];
        try {
          const credentials = give({ ...fake.credentials, ...wrong });
          const obs = createObsConnection({ server: fake.server, transport: fake.transport, credentials });
          const request = { bucket: 'media', key: 'a', sourceFile: fakeSource(small), retry: { maxAttempts: 1 } };
          errors.push(runVirtually(() => record(uploadFile$(obs, request))).error);
        } catch (error) {
          errors.push(error);
        }
        expect(errors).toHaveLength(1);
        expect(isUploadError(errors[0])).toBe(true);
      }
      expect(fake.log).toHaveLength(0);
    });
  });

  describe('options', () => {
    const nonsense: readonly unknown[] = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -1,
      0,
      -0,
      0.5,
      PART - 1,
      5 * 1024 ** 3 + 1,
      2 ** 53,
      '9437184',
      '',
      null,
      true,
      {},
      [],
      [PART],
      10n,
      Symbol('9437184'),
      () => PART,
      { valueOf: () => PART },
    ];

    it.each(nonsense.map((value) => [value]))(
      'that set partSize to %p are refused before anything is sent',
      (partSize) => {
        const world = smallWorld();
        const events = runVirtually(() => record(world.upload({ partSize: partSize as number })));
        expect(events.error).toBeInstanceOf(InvalidOptionsError);
        expect(events.error).toMatchObject({ option: 'partSize' });
        expect(world.fake.log).toHaveLength(0);
      },
    );

    const options = [
      'partSize',
      'taskNum',
      'requestDate',
      'stallTimeoutMs',
      'progressIntervalMs',
      'checksum',
      'verifyResume',
      'multipart',
      'retry',
      'contentType',
      'metadata',
      'acl',
      'storageClass',
      'expires',
      'tagging',
      'cacheControl',
      'websiteRedirectLocation',
      'sse',
      'callback',
      'forbidOverwrite',
      'hasher',
      'bucket',
      'key',
      'sourceFile',
      'uploadCheckpoint',
    ];

    it.each(options)('that set %s to any value lead to a typed error or an upload', (option) => {
      const odd: readonly unknown[] = [
        { type: 'customer' },
        { maxAttempts: null },
        { url: 1 },
        { size: 1, slice: 1, read: 1 },
      ];
      const values = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true });
      fc.assert(
        fc.property(values, (value) => {
          const { fake, obs } = smallWorld();
          const request = { bucket: 'media', key: 'a.bin', sourceFile: fakeSource(small), [option]: value };
          const events = runVirtually(() => record(uploadFile$(obs, request as unknown as UploadRequest)));
          expect(events.endedAt).not.toBeNull();
          if (events.error !== undefined) {
            expect(isUploadError(events.error)).toBe(true);
            expect(fake.log.filter(({ status }) => status === 200)).toHaveLength(0);
          }
        }),
        { numRuns: 50, seed, examples: [...nonsense, ...odd].map((value): [unknown] => [value]) },
      );
      expectNothingPolluted();
    });

    it.each([
      ['fails', () => throwError(() => new Error('no width'))],
      ['is not a number', () => of('4' as unknown as number)],
      ['is NaN', () => of(Number.NaN)],
      ['becomes 0 during the upload', () => concat(of(2), timer(60).pipe(map(() => 0)))],
      ['fails during the upload', () => concat(of(2), timer(60).pipe(concatMap(() => throwError(() => new Error()))))],
    ])('whose taskNum %s lead to a typed error, and nothing more is sent', (_, make) => {
      const world = uploadWorld();
      let sent = Number.NaN;
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: make() }));
        at(61, () => (sent = world.fake.log.length));
        return film;
      });
      // The parts are on the server, but resuming with the same option would fail again.
      expectCanResume(world, events, { name: 'InvalidOptionsError', option: 'taskNum' }, { resumable: false });
      expect(sent).toBeLessThanOrEqual(3);
    });

    it.each(['server', 'credentials', 'addressing', 'maxConcurrentRequests', 'allowInsecure'])(
      'that set %s of a connection to any value lead to an InvalidOptionsError or a connection',
      (option) => {
        const fake = createFakeObs();
        fc.assert(
          fc.property(fc.anything({ withBigInt: true }), (value) => {
            const { server, credentials, transport } = fake;
            try {
              createObsConnection({ server, credentials, transport, [option]: value });
            } catch (error) {
              expect(error).toBeInstanceOf(InvalidOptionsError);
            }
          }),
          { numRuns: 100, seed },
        );
      },
    );
  });

  it('an error body of 100 MB is not read to the end', async () => {
    let pulled = 0;
    const chunk = new Uint8Array(1024 * 1024).fill(0x78);
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (++pulled > 100) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const { error } = await throughFetch(() => new Response(body, { status: 500 }));
    expect(error).toMatchObject({ name: 'NetworkError', code: 'network', retryable: true });
    expect(pulled).toBeLessThan(6);
  });

  it('invalid UTF-8 in an error body becomes a typed error', async () => {
    const bytes = new Uint8Array([0x3c, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x3e]);
    const { error } = await throughFetch(() => new Response(bytes, { status: 400 }));
    expect(error).toMatchObject({ name: 'ServiceError', status: 400, serviceCode: null });
  });

  it('a file with a hostile name uploads correctly, with the type of its extension', () => {
    const name = '../../etc/passwd\0.<script>.MP4';
    const file = fakeSource({ name, size: 10 });
    const world = uploadWorld({}, {}, file);
    expectUploaded(
      world,
      runVirtually(() => record(world.upload({ multipart: 'always', key: 'film' }))),
      'film',
    );
    expect(world.fake.object('film')?.headers['content-type']).toBe('video/mp4');
    expectObject(world.fake, 'film', file);
    expect(bytesOf(file)).toHaveLength(10);
  });
});

/** Runs an upload whose requests get this response from `fetch`, with the real transport and in real time. */
function throughFetch(respond: () => Response): Promise<{ readonly error: unknown }> {
  const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(respond()));
  const obs = createObsConnection({
    server: 'https://obs.test',
    credentials: { accessKeyId: 'AK', secretAccessKey: 'secret' },
  });
  const upload$: Observable<UploadEvent> = uploadFile$(obs, {
    bucket: 'media',
    key: 'a.bin',
    sourceFile: fakeSource(small),
    retry: { maxAttempts: 1 },
  });
  return new Promise<{ readonly error: unknown }>((resolve) => {
    upload$.subscribe({ error: (error: unknown) => resolve({ error }), complete: () => resolve({ error: null }) });
  }).finally(() => spy.mockRestore());
}

import { KEY_SIZE, KEYS, OBJECT, seedOf } from './scenarios/objects.js';
import { FILM_SIZE } from './scenarios/uploads.js';
import { startChromium, startNode, type Host } from './support/hosts.js';
import { cephStore, sha256Of } from './support/store.js';
import type { Report } from './support/report.js';
import { PART, type Variant, type World } from './support/world.js';

const store = cephStore();
const variants = (['v2', 'v4'] as const).flatMap((signature) =>
  (['header', 'URL'] as const).flatMap((place) =>
    (['path', 'virtual-hosted'] as const).map((addressing): Variant => ({ signature, place, addressing })),
  ),
);

/** Ceph rejects signatures without CORS headers: a page sees no response, and the library infers the cause. */
const hiddenRefusal = { name: 'SigningError', code: 'credentials', message: expect.stringContaining('clock') };

function worldOf(host: string, variant: Variant, purpose = 'uploads'): World {
  const { port, credentials } = store;
  const bucket = [host, purpose, ...Object.values(variant)].join('-').toLowerCase();
  return { variant, port, credentials, bucket };
}

describe.each([
  { name: 'Node', start: startNode },
  { name: 'Chromium', start: startChromium },
])('Ceph, from $name', ({ name, start }) => {
  const isPage = name === 'Chromium';
  const wrongSignature = isPage ? hiddenRefusal : { name: 'ServiceError', serviceCode: 'SignatureDoesNotMatch' };
  let host: Host;

  beforeAll(async () => {
    host = await start();
  });

  afterAll(() => host.close());

  describe.each(variants)('signature $signature in the $place, buckets by $addressing', (variant) => {
    const world = worldOf(name, variant);
    const { bucket } = world;

    beforeAll(() => store.makeBucket(bucket));

    it('stores a file in parts', async () => {
      const report = await host.run('uploadInParts', world);
      expect(report).toMatchObject({
        error: null,
        resumedBytes: 0,
        result: { verified: 'etag', totalBytes: FILM_SIZE },
      });
      expect([...report.parts].sort()).toEqual([1, 2, 3]);
      await expectStored(report, FILM_SIZE);
      expect(new URL(report.result?.location ?? '').port).toBe(String(store.port));
    });

    it('stores a small file with one PUT', async () => {
      const report = await host.run('uploadAsOnePut', world);
      expect(report).toMatchObject({ error: null, checkpoint: null, result: { verified: 'size' } });
      await expectStored(report, 1000);
    });

    it('stores an empty file, with one PUT and in parts', async () => {
      const { put, parts } = await host.run('uploadNothing', world);
      await expectStored(put, 0);
      await expectStored(parts, 0);
    });

    it('stores the parts that were sent before a cancellation; resuming sends the rest', async () => {
      const { listed, resumed } = await host.run('cancelAndResume', world);
      expect(listed).toEqual([[1, PART]]);
      expect(resumed).toMatchObject({ resumedBytes: PART, parts: [2, 3], result: { verified: 'etag' } });
      await expectStored(resumed, FILM_SIZE);
    });

    it('deletes the parts of an aborted upload, and accepts a second abort', async () => {
      expect(await host.run('cancelAndAbort', world)).toEqual({
        before: 1,
        after: 0,
        list: [404, 'NoSuchKey'],
        again: 'given up.mp4',
      });
    });

    it('no longer has an aborted upload: resuming restarts it and emits an event', async () => {
      const report = await host.run('resumeAbortedUpload', world);
      expect(report.types.slice(0, 2)).toEqual(['restarted', 'started']);
      expect(report).toMatchObject({ resumedBytes: 0, parts: [1, 2, 3], result: { verified: 'etag' } });
      await expectStored(report, FILM_SIZE);
    });

    it('has completed an upload whose response was lost, and when it is resumed later', async () => {
      const { lost, resumed } = await host.run('loseResponseOfComplete', world);
      expect(lost).toMatchObject({ error: null, result: { verified: 'etag' } });
      expect(resumed).toMatchObject({ error: null, resumedBytes: FILM_SIZE, parts: [], result: { verified: 'etag' } });
      await expectStored(resumed, FILM_SIZE);
    });

    it('responds to the first complete with an empty ETag; HEAD returns it', async () => {
      const { first, again, head } = await host.run('completeTwice', world);
      expect({ first, again }).toEqual({ first: '', again: head });
      expect(head).toMatch(/^[0-9a-f]{32}-1$/);
    });

    it.each([
      ['with one PUT', 'uploadKeysAsOnePut', seedOf.auto],
      ['in parts', 'uploadKeysInParts', seedOf.always],
    ] as const)('accepts any key, %s', async (_, scenario, seed) => {
      const report = await host.run(scenario, world);
      expect(report.map(({ error, result }) => error ?? result?.key)).toEqual(KEYS);
      const stored = await Promise.all(KEYS.map((key) => store.read(bucket, key)));
      expect(stored.map(({ sha256 }) => sha256)).toEqual(KEYS.map((_key, n) => sha256Of(KEY_SIZE, seed(n))));
    });

    it('stores all headers and metadata of an object', async () => {
      const report = await host.run('uploadWithOptions', world);
      for (const { error, result } of report) {
        expect(error).toBeNull();
        const { headers } = await store.read(bucket, result?.key ?? '');
        expect(headers).toMatchObject({
          'content-type': OBJECT.contentType,
          'cache-control': OBJECT.cacheControl,
          'content-disposition': 'attachment; filename="Zo%C3%AB %E4%B8%AD.mp4"',
          'content-language': OBJECT.contentLanguage,
        });
        const decoded = Object.keys(OBJECT.metadata).map((field) => [
          field,
          decodeURIComponent(headers[`x-amz-meta-${field}`] ?? ''),
        ]);
        expect(Object.fromEntries(decoded)).toEqual(OBJECT.metadata);
        const publicResponse = await fetch(`http://127.0.0.1:${store.port}/${bucket}/${result?.key}`);
        expect(publicResponse.status).toBe(200);
      }
    });

    it('rejects small parts on complete: the error explains why, and the upload stays on the server', async () => {
      const { report, left } = await host.run('sendSmallParts', world);
      expect(report.error).toMatchObject({
        name: 'ServiceError',
        status: 400,
        serviceCode: 'EntityTooSmall',
        resumable: false,
        message: expect.stringContaining('raise partSize'),
      });
      expect(left).toEqual([report.checkpoint?.uploadId]);
    });

    it('rejects a wrong signature', async () => {
      const { error, types } = await host.run('signWithWrongSecret', world);
      expect(error).toMatchObject(wrongSignature);
      // A page cannot see the refusal until it has sent the request twice more; a backend gets a second chance.
      const chances = variant.place === 'URL' ? ['retrying'] : [];
      expect(types).toEqual(isPage ? ['retrying', 'retrying'] : chances);
    });

    it('forbids overwriting with a PUT, but not with complete', async () => {
      const { put, parts } = await host.run('forbidOverwrite', world);
      expect(put.error).toMatchObject({ name: 'ServiceError', serviceCode: 'PreconditionFailed' });
      expect(parts).toMatchObject({ error: null, result: { verified: 'etag' } });
    });

    if (variant.place === 'header') {
      it('rejects a wrong clock, which is corrected where the server time is available', async () => {
        const { alone, report } = await host.run('signWithWrongClock', world);
        if (isPage) expect(alone.error).toMatchObject(hiddenRefusal);
        else await expectStored(alone, 1000);
        await expectStored(report, 1000);
      });
    }

    async function expectStored({ error, result }: Report, size: number): Promise<void> {
      expect(error).toBeNull();
      const { headers, sha256 } = await store.read(bucket, result?.key ?? '');
      expect({ etag: headers.etag, sha256 }).toEqual({ etag: `"${result?.etag}"`, sha256: sha256Of(size) });
    }
  });

  describe('temporary credentials', () => {
    const withToken = variants.filter(({ addressing }) => addressing === 'path');

    /** Ceph ignores a token in a v2 URL, and rejects preflights to v4 URLs that are signed with one. */
    const isAccepted = ({ signature, place }: Variant): boolean =>
      place === 'header' || (signature === 'v4' && !isPage);

    it.each(withToken.filter(isAccepted))('are accepted with signature $signature in the $place', async (variant) => {
      const { bucket, report } = await uploadWithToken(variant);
      expect(report).toMatchObject({ error: null, result: { verified: 'etag' } });
      expect((await store.read(bucket, 'film.mp4')).sha256).toBe(sha256Of(FILM_SIZE));
    });

    it.each(withToken.filter((variant) => !isAccepted(variant)))(
      'are rejected with signature $signature in the $place',
      async (variant) => {
        const { report } = await uploadWithToken(variant);
        expect(report.error).toMatchObject(wrongSignature);
      },
    );

    async function uploadWithToken(variant: Variant): Promise<{ readonly bucket: string; readonly report: Report }> {
      const world = worldOf(name, variant, 'temporary');
      await store.makeBucket(world.bucket);
      const credentials = await store.temporaryCredentials();
      const report = await host.run('uploadInParts', { ...world, credentials, port: store.tokenPort });
      return { bucket: world.bucket, report };
    }
  });

  if (!isPage) {
    describe('lists', () => {
      const world = worldOf(name, { signature: 'v4', place: 'header', addressing: 'path' }, 'lists');

      beforeAll(() => store.makeBucket(world.bucket));

      it('parts in pages of 1,000', async () => {
        expect(await host.run('listManyParts', world)).toEqual([
          [1, 1000, 1000],
          [1001, 1003, null],
        ]);
      });

      it('unfinished uploads in pages of 1,000', async () => {
        const keys = await host.run('listManyUploads', world);
        const expected = Array.from({ length: 1003 }, (_, i) => `orphans/${i + 1} <&>+%41 中📷`);
        expect([...keys].sort()).toEqual(expected.sort());
      });
    });
  }

  if (isPage) {
    describe('its CORS rule', () => {
      const world = worldOf(name, { signature: 'v4', place: 'header', addressing: 'path' });

      it('hides the ETags of parts if it exposes nothing; the list of parts has them', async () => {
        const bucket = `${world.bucket}-exposes-nothing`;
        await store.makeBucket(bucket, []);
        const report = await host.run('uploadInParts', { ...world, bucket });
        expect(report).toMatchObject({ error: null, result: { verified: 'size', etag: '' } });
        expect((await store.read(bucket, 'film.mp4')).sha256).toBe(sha256Of(FILM_SIZE));
      });

      it('causes a network error if it is missing', async () => {
        const bucket = `${world.bucket}-without-rule`;
        await store.makeBucket(bucket, null);
        const { error } = await host.run('uploadInParts', { ...world, bucket });
        expect(error).toMatchObject({
          name: 'NetworkError',
          code: 'network',
          message: expect.stringContaining('CORS'),
        });
      });
    });
  }
});

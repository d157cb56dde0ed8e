import { startChromium, startNode, type Host } from './support/hosts.js';
import { cephStore, sha256Of } from './support/store.js';
import type { Report } from './support/report.js';
import type { Variant, World } from './support/world.js';

const store = cephStore();
const variants = (['v2', 'v4'] as const).flatMap((signature) =>
  (['header', 'URL'] as const).map((place): Variant => ({ signature, place, addressing: 'path' })),
);
const SHA256 = sha256Of(1000);

describe.each([
  { name: 'Node', start: startNode },
  { name: 'Chromium', start: startChromium },
])('Ceph, from $name', ({ name, start }) => {
  let host: Host;

  beforeAll(async () => {
    host = await start();
  });

  afterAll(() => host.close());

  describe.each(variants)('signature $signature in the $place', (variant) => {
    const bucket = ['checks', name, variant.signature, variant.place].join('-').toLowerCase();
    const world: World = { variant, port: store.port, credentials: store.credentials, bucket };

    beforeAll(() => store.makeBucket(bucket));

    it('accepts every checksum, verifies only MD5 and returns none', async () => {
      for (const { put, parts } of await host.run('uploadWithChecksums', world)) {
        await expectStored(put);
        await expectStored(parts);
        expect(put.result?.verified).toMatch(/^(?:size|etag)$/);
        expect(parts.result?.verified).toBe('etag');
      }
    });

    it('applies grants in extra headers, but tags only with a PUT', async () => {
      const { put, parts } = await host.run('uploadWithHeaders', world);
      for (const { error, result } of [put, parts]) {
        expect(error).toBeNull();
        const publicResponse = await fetch(
          `http://127.0.0.1:${store.port}/${bucket}/${encodeURIComponent(result?.key ?? '')}`,
        );
        expect(publicResponse.status).toBe(200);
      }
      expect((await store.read(bucket, put.result?.key ?? '')).headers['x-amz-tagging-count']).toBe('1');
      expect((await store.read(bucket, parts.result?.key ?? '')).headers['x-amz-tagging-count'] ?? '0').toBe('0');
    });

    it('never matches a quoted ETag: a conditional PUT always fails, and complete always replaces', async () => {
      const { right, wrong } = await host.run('replaceIfMatch', world);
      const failed = { name: 'ServiceError', status: 412, serviceCode: 'PreconditionFailed' };
      expect([wrong.put.error, right.put.error]).toEqual([
        expect.objectContaining(failed),
        expect.objectContaining(failed),
      ]);
      expect([wrong.parts.error, right.parts.error]).toEqual([null, null]);
    });

    it('has no traffic limit: rejected by the v4 dialect, ignored by the store with v2', async () => {
      const { put, parts } = await host.run('limitTraffic', world);
      for (const report of [put, parts]) {
        if (variant.signature === 'v2') await expectStored(report);
        else expect(report).toMatchObject({ types: [], error: { message: expect.stringMatching(/^trafficLimit/) } });
      }
    });

    it('does not receive content that it already has', async () => {
      const { first, again, other } = await host.run('skipExistingObjects', world);
      const skipped = ({ put, parts }: typeof first): readonly unknown[] => [put.skipped, parts.skipped];
      expect([first, again, other].map(skipped)).toEqual([
        [false, false],
        [true, true],
        [false, false],
      ]);
    });

    async function expectStored({ error, result }: Report): Promise<void> {
      expect(error).toBeNull();
      expect((await store.read(bucket, result?.key ?? '')).sha256).toBe(SHA256);
    }
  });
});

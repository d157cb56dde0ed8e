import { on } from 'rx-obs-upload/server';
import { worldsOf } from '../support/host-world.js';
import { hosts } from '../support/hosts.js';
import { until } from '../support/until.js';

describe.each(hosts)('$name', (host) => {
  const { world, partSize } = worldsOf(host);

  describe('uploads', () => {
    it('a file in parts', async () => {
      const { start, expectWhole, view } = await world();
      await start({ taskNum: 4 });
      await expectWhole();
      expect(view.count('part-completed')).toBe(6);
    });

    it('a file whose size is a multiple of the part size', async () => {
      const { start, expectWhole, view } = await world([], { size: 3 * partSize });
      await start();
      await expectWhole();
      expect(view.count('part-completed')).toBe(3);
    });

    it.each([
      ['a small file', 10],
      ['an empty file', 0],
    ])('%s with one PUT', async (_, size) => {
      const { start, expectWhole, obs } = await world([], { size });
      await start();
      await expectWhole('size');
      const operations = obs.log.entries.map(({ operation }) => operation);
      expect(operations.filter((operation) => operation !== 'preflight')).toEqual(['putObject']);
    });

    it.each([
      ['its own type', {}, 'video/mp4'],
      ['the requested type', { contentType: 'text/x-log; charset=utf-8' }, 'text/x-log; charset=utf-8'],
    ])('a small file with %s', async (_, options, type) => {
      const { start, expectWhole, obs } = await world([], { size: 10 });
      await start(options);
      await expectWhole('size');
      expect(obs.log.entries.at(-1)?.headers).toMatchObject({ 'content-type': type });
    });

    it('a small file in one part, which has no content type', async () => {
      const { start, expectWhole, obs } = await world([], { size: 10 });
      await start({ multipart: 'always' });
      await expectWhole();
      const part = obs.log.entries.find(({ operation }) => operation === 'uploadPart');
      expect(part?.headers['content-type']).toBeUndefined();
    });

    it('to a key with characters of all Unicode planes, with metadata', async () => {
      const { start, expectWhole } = await world([], { key: 'año/動画 😀+&?#%25"\'.mp4' });
      await start({ metadata: { title: "it's 100 % & more" } });
      await expectWhole();
    });

    it('with an MD5 of each part', async () => {
      const { start, expectWhole, obs } = await world();
      await start({ checksum: 'md5' });
      await expectWhole();
      const parts = obs.log.entries.filter(({ operation }) => operation === 'uploadPart');
      expect(parts.map(({ headers }) => headers['content-md5']?.length)).toEqual(Array.from({ length: 6 }, () => 24));
    });

    it('with a CRC-64 of each part and of the object', async () => {
      const { start, expectWhole, obs } = await world();
      await start({ checksum: 'crc64' });
      await expectWhole('crc64');
      const complete = obs.log.entries.find(({ operation }) => operation === 'completeMultipartUpload');
      expect(complete?.headers['x-obs-checksum-crc64ecma']).toMatch(/^\d+$/);
    });
  });

  describe('resume', () => {
    it('sends the missing parts after a cancellation', async () => {
      let held = true;
      const { start, expectWhole, view, obs } = await world([
        on('uploadPart', {
          times: Infinity,
          when: ({ partNumber }) => held && partNumber !== null && partNumber > 2,
        }).stall('mid-body'),
      ]);
      await start({ stallTimeoutMs: 60_000 });
      const arrived = (): number => obs.log.entries.filter(({ operation }) => operation === 'uploadPart').length;
      await until('two parts are stored, and two have come', () => {
        return view.count('part-completed') === 2 && arrived() === 4;
      });
      await view.cancel();
      await until('what was on its way is aborted', () => {
        return obs.log.entries.filter(({ aborted }) => aborted).length === 2;
      });
      expect(view.count('completed')).toBe(0);

      held = false;
      await start({}, { checkpoint: view.checkpoint });
      await expectWhole();
      const stored = obs.log.entries.flatMap(({ operation, status, partNumber }) =>
        operation === 'uploadPart' && status === 200 ? [partNumber] : [],
      );
      expect(stored.sort()).toEqual([1, 2, 3, 4, 5, 6]);
    });
  });
});

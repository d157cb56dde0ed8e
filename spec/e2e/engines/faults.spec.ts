import { appendFileSync, closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { on, type FaultRule } from 'rx-obs-upload/server';
import { call } from '../support/engines/engine.js';
import { MIB } from '../support/files.js';
import { holdResponses, isPart } from '../support/held-responses.js';
import { STALL_MS, worldsOf, type HostWorld } from '../support/host-world.js';
import { hosts } from '../support/hosts.js';
import { until } from '../support/until.js';

/** Faults as they appear in real engines, against the local OBS over HTTP. */
describe.each(hosts)('$name', (host) => {
  const { world, partSize } = worldsOf(host);
  const isPage = host.place === 'page';

  describe('stalls', () => {
    it.each<[string, Parameters<HostWorld['timeOutHeldRequest']>[0], FaultRule]>([
      ['before the first byte of a part', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('before-body')],
      ['in the middle of a part', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('mid-body')],
      ['after the last byte of a part', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('before-response')],
      ['after the part is stored', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('after-effect')],
      ['in the middle of the response', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('mid-response')],
      ['on initiate', { parts: 0 }, on('initiateMultipartUpload').stall('before-response')],
      ['on complete, before it takes effect', { parts: 6 }, on('completeMultipartUpload').stall('before-response')],
      [
        'on complete, after it takes effect',
        { parts: 6, hasObject: true },
        on('completeMultipartUpload').stall('after-effect'),
      ],
    ])('%s time out and are retried', async (_, by, fault) => {
      const { start, timeOutHeldRequest, expectWhole } = await world([fault]);
      await start();
      await timeOutHeldRequest(by);
      await expectWhole();
    });

    if (isPage) {
      it.each(['credentials', 'signer', 'presign'] as const)(
        "in the application's %s time out and are retried",
        async (unresponsive) => {
          const { start, expectWhole, view } = await world([]);
          await start({}, { unresponsive });
          await until('the application is silent', () => view.tab?.run('isApplicationUnresponsive'));
          await view.advancePastStall();
          await expectWhole();
          const retries = view.events.filter((event) => event.type === 'retrying');
          expect(retries.map(({ operation, error }) => [operation, error.code])).toEqual([
            ['initiateMultipartUpload', 'stalled'],
          ]);
        },
      );

      it('on the list of parts time out and are retried', async () => {
        const { start, timeOutHeldRequest, expectWhole, view } = await world([
          on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'),
          on('listParts').stall('before-response'),
        ]);
        await start({ taskNum: 1 });
        await view.ended();
        expect(view.error).toMatchObject({ serviceCode: 'AccessDenied', checkpoint: { parts: [{}, {}] } });
        await start({ taskNum: 1 }, { checkpoint: view.checkpoint });
        await timeOutHeldRequest({ parts: 2 });
        await expectWhole();
        expect(view.events.some((event) => event.type === 'retrying' && event.operation === 'listParts')).toBe(true);
      });
    }

    if (isPage) {
      it('are not assumed while the list of parts arrives byte by byte for longer than stallTimeoutMs', async () => {
        const responses = holdResponses(isListOfParts);
        const faults = [on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'), on('listParts').drip(1)];
        const { start, expectWhole, view, obs } = await world(faults, { inFront: responses.inFront });
        await start({ taskNum: 1 });
        await view.ended();
        await view.tab?.run(COUNT_PIECES);
        await start({ taskNum: 1 }, { checkpoint: view.checkpoint });
        await until('the list of parts is begun', () => responses.count === 1);
        for (let i = 0; i < 4; i++) {
          const before = Number(await view.tab?.run('pieces'));
          responses.drip();
          await until('a byte has come', async () => Number(await view.tab?.run('pieces')) > before);
          await view.tab?.run(call('skipTime', 0.4 * STALL_MS));
        }
        responses.release();
        await expectWhole();
        expect(view.count('retrying')).toBe(0);
        expect(obs.log.entries.filter(({ operation }) => operation === 'listParts')).toHaveLength(1);
      });
    }

    it('that never end fail with an error and leave the upload resumable', async () => {
      const { start, timeOutHeldRequest, view, obs } = await world([
        on('uploadPart', { times: Infinity }).stall('mid-body'),
      ]);
      await start({ taskNum: 1, retry: { maxAttempts: 2, baseDelayMs: 10 } });
      await timeOutHeldRequest({ parts: 0 });
      await timeOutHeldRequest({ parts: 0 });
      await view.ended();
      expect(view.error).toMatchObject({ name: 'NetworkError', code: 'stalled', checkpoint: { bucket: 'media' } });
      expect(obs.control.state.uploads.size).toBe(1);
    });
  });

  describe('file changes', () => {
    // In place: a file that is truncated for a moment would be a different fault.
    const overwrite = (path: string): void => {
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(statSync(path).size, 'other bytes'));
      closeSync(file);
    };
    // Some engines compare dates to the second.
    const touch = (path: string): void => utimesSync(path, new Date(), new Date(Date.now() + 60_000));

    /** Changes the file during its upload, waits for the end, and returns what the file was before. */
    async function uploadChanging(change: (path: string) => void): Promise<HostWorld & { readonly before: string }> {
      const responses = holdResponses((request) => isPart(request, 3));
      const hostWorld = await world([], { inFront: responses.inFront });
      const { start, endedEvenIfStuck, file } = hostWorld;
      await start({ taskNum: 1 });
      await until('the third part is there, and three are still to be read', () => responses.count === 1);
      const before = readFileSync(file, 'base64');
      change(file);
      responses.release();
      await endedEvenIfStuck();
      return { ...hostWorld, before };
    }

    function expectNoObject({ view, obs, object }: HostWorld): void {
      expect(view.error).toMatchObject({ name: 'SourceError' });
      expect(view.count('retrying')).toBe(0);
      expect(object()).toBeNull();
      expect(obs.control.state.uploads.size).toBe(1);
    }

    it.each([
      ['is overwritten', overwrite],
      ['is deleted', (path: string) => rmSync(path)],
    ])('a file that %s during its upload fails with a SourceError, without an object', async (_, change) => {
      expectNoObject(await uploadChanging(change));
    });

    it.each([10, 2 * partSize])(
      'a file that is deleted before its upload (%i bytes) does not become an empty object',
      async (size) => {
        const { start, endedEvenIfStuck, view, file, object } = await world([], { size });
        const before = readFileSync(file, 'base64');
        rmSync(file);
        await start();
        await endedEvenIfStuck();
        const path = object();
        // WebKitGTK may still have the file open.
        if (path !== null) return expect(readFileSync(path, 'base64')).toBe(before);
        expect(view.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
      },
    );

    it.each([
      [
        'grows',
        (path: string) => {
          appendFileSync(path, 'more');
          touch(path);
        },
      ],
      ['gets another modification date', touch],
    ])('a file that %s during its upload is detected, or uploaded as it was', async (_, change) => {
      const ended = await uploadChanging(change);
      if (host.noticesDates) return expectNoObject(ended);
      expect(ended.view.error).toBeNull();
      expect(readFileSync(ended.object() ?? '', 'base64')).toBe(ended.before);
    });
  });

  describe('engine differences', () => {
    it('reads ETags that the bucket does not expose from the list of parts', async () => {
      const { start, expectWhole } = await world([], {
        cors: {
          allowedOrigins: ['*'],
          allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
          allowedHeaders: ['*'],
          exposeHeaders: [],
          maxAgeSeconds: 60,
        },
      });
      await start();
      await expectWhole();
    });

    it('does not take the page of a captive portal for success', async () => {
      const { start, expectWhole } = await world([
        on('initiateMultipartUpload').htmlPage(),
        on('uploadPart', { partNumber: 1 }).htmlPage(),
        on('completeMultipartUpload').htmlPage(),
      ]);
      await start();
      await expectWhole();
    });

    if (isPage) {
      it('retries a request that the engine aborts on its own', async () => {
        const { start, expectWhole, view, obs } = await world([
          on('uploadPart', { partNumber: 3 }).stall('before-response'),
        ]);
        await start({ taskNum: 1 });
        await until('the third part is on its way', () => obs.log.entries.some(({ fault }) => fault !== null));
        await view.tab?.run('window.stop()');
        await expectWhole();
        const retries = view.events.filter((event) => event.type === 'retrying');
        expect(retries.map(({ partNumber, error }) => [partNumber, error.code])).toEqual([[3, 'network']]);
      });
    }

    // WebKit fires thousands of progress events for a file of 50 MB.
    it.each([
      ['on a slow line', 4, 5 * partSize, on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 4 * partSize })],
      ['on a fast line', 2, 50 * MIB, on('uploadPart', { partNumber: 2 }).delay(1000)],
    ])('reports accurate progress %s at a bounded rate, and never after the end', async (_, least, size, fault) => {
      const { start, expectWhole, view } = await world([fault], { size });
      await start({ partSize: size / 5 });
      await expectWhole();
      const progress = view.events.filter((event) => event.type === 'progress');
      const seconds = progress.at(-1)?.elapsedSeconds ?? 0;
      expect(progress.length).toBeGreaterThanOrEqual(least);
      expect(progress.length).toBeLessThanOrEqual(seconds * 10 + 3);
      const transferred = progress.map(({ transferredBytes }) => transferredBytes);
      expect([...transferred].sort((a, b) => a - b)).toEqual(transferred);
      expect(transferred.at(-1)).toBe(size);
      expect(view.events.at(-1)?.type).toBe('completed');
    });
  });

  describe('network failures', () => {
    if (host.goesOffline) {
      it('going offline and online again costs no attempt', async () => {
        let held = 2;
        const responses = holdResponses((request) => isPart(request, held));
        const { start, expectWhole, view } = await world([], { inFront: responses.inFront });
        await start({ taskNum: 1, retry: { maxAttempts: 1 } });
        for (const next of [4, 6, null]) {
          await until(`part ${held} is on its way`, () => responses.count === 1);
          const waits = view.count('waiting');
          await view.tab?.setOffline(true);
          // Engines differ in what happens to the request in flight: either this part or the next one waits.
          held = next ?? 0;
          responses.release();
          await until('the upload waits', () => view.count('waiting') > waits);
          await view.tab?.setOffline(false);
        }
        await expectWhole();
      });
    }

    it.each([
      [
        '503 with Retry-After in seconds',
        on('uploadPart', { arrival: 2 }).respond(503, 'SlowDown', { headers: { 'retry-after': '1' } }),
      ],
      ['429', on('uploadPart', { arrival: 2, times: 2 }).respond(429, 'TooManyRequests')],
      [
        'a connection reset in the middle of a part',
        on('uploadPart', { partNumber: 3 }).reset({ afterBytes: partSize / 2 }),
      ],
    ])('%s is retried', async (_, fault) => {
      const { start, expectWhole } = await world([fault]);
      await start();
      await expectWhole();
    });

    it('refused connections fail with a NetworkError that can be resumed', async () => {
      const { start, view, obs } = await world([
        on('uploadPart', { partNumber: 2, times: Infinity }).stall('mid-body'),
      ]);
      await start({ taskNum: 1, retry: { maxAttempts: 2, baseDelayMs: 10 } });
      await until('a part is stored', () => view.count('part-completed') === 1);
      await obs.close();
      await view.ended();
      expect(view.error).toMatchObject({
        name: 'NetworkError',
        code: 'network',
        checkpoint: { parts: [{ partNumber: 1 }] },
      });
    });
  });

  describe('requests sent twice', () => {
    it.each([
      ['initiate', on('initiateMultipartUpload').resend()],
      ['a part', on('uploadPart', { partNumber: 2 }).resend()],
      ['complete', on('completeMultipartUpload').resend()],
      ['complete, its response lost', on('completeMultipartUpload').loseResponse()],
    ])('%s', async (_, fault) => {
      const { start, expectWhole } = await world([fault]);
      await start();
      await expectWhole();
    });
  });
});

function isListOfParts({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && new URL(url ?? '', 'http://any').searchParams.has('uploadId');
}

/** Counts the chunks of response bodies that the page reads, in `window.pieces`. */
const COUNT_PIECES = `(() => {
  window.pieces = 0;
  const { prototype } = ReadableStreamDefaultReader;
  const { read } = prototype;
  prototype.read = function () {
    return read.call(this).then((piece) => ((window.pieces += 1), piece));
  };
})()`;

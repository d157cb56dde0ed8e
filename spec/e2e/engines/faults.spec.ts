import { appendFileSync, closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { on, type FaultRule } from 'rx-obs-upload/server';
import { call } from '../support/engines/engine.js';
import { MIB } from '../support/files.js';
import { holdResponses, isPart } from '../support/held-responses.js';
import { STALL_MS, worldsOf, type HostWorld } from '../support/host-world.js';
import { hosts } from '../support/hosts.js';
import { until } from '../support/until.js';

/** Rows of faults as real engines show them, against the local OBS over HTTP. */
describe.each(hosts)('$name', (host) => {
  const { world, partSize } = worldsOf(host);
  const isPage = host.place === 'page';

  describe('1 silence', () => {
    it.each<[string, Parameters<HostWorld['giveUpWhatIsHeld']>[0], FaultRule]>([
      ['before the first byte of a part', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('before-body')],
      ['in the midst of a part', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('mid-body')],
      ['after the whole part', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('before-response')],
      ['after the part took effect', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('after-effect')],
      ['in the midst of the response', { parts: 5 }, on('uploadPart', { partNumber: 2 }).stall('mid-response')],
      ['on initiate', { parts: 0 }, on('initiateMultipartUpload').stall('before-response')],
      ['on complete, before it took effect', { parts: 6 }, on('completeMultipartUpload').stall('before-response')],
      [
        'on complete, after it took effect',
        { parts: 6, hasObject: true },
        on('completeMultipartUpload').stall('after-effect'),
      ],
    ])('%s is given up and tried again', async (_, by, fault) => {
      const { start, giveUpWhatIsHeld, expectWhole } = await world([fault]);
      await start();
      await giveUpWhatIsHeld(by);
      await expectWhole();
    });

    if (isPage) {
      it.each(['credentials', 'signer', 'presign'] as const)(
        'of %s is given up and tried again',
        async (silentOnce) => {
          const { start, expectWhole, view } = await world([]);
          await start({}, { silentOnce });
          await until('the application is silent', () => view.tab?.run('isApplicationSilent'));
          await view.passSilence();
          await expectWhole();
          const retries = view.events.filter((event) => event.type === 'retrying');
          expect(retries.map(({ operation, error }) => [operation, error.code])).toEqual([
            ['initiateMultipartUpload', 'stalled'],
          ]);
        },
      );

      it('on the list of parts is given up and tried again', async () => {
        const { start, giveUpWhatIsHeld, expectWhole, view } = await world([
          on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'),
          on('listParts').stall('before-response'),
        ]);
        await start({ taskNum: 1 });
        await view.ended();
        expect(view.error).toMatchObject({ serviceCode: 'AccessDenied', checkpoint: { parts: [{}, {}] } });
        await start({ taskNum: 1 }, { checkpoint: view.checkpoint });
        await giveUpWhatIsHeld({ parts: 2 });
        await expectWhole();
        expect(view.events.some((event) => event.type === 'retrying' && event.operation === 'listParts')).toBe(true);
      });
    }

    if (isPage) {
      it('is no list of parts that comes byte by byte, for longer than stallTimeoutMs in all', async () => {
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

    it('without end is an error that keeps the upload', async () => {
      const { start, giveUpWhatIsHeld, view, obs } = await world([
        on('uploadPart', { times: Infinity }).stall('mid-body'),
      ]);
      await start({ taskNum: 1, retry: { maxAttempts: 2, baseDelayMs: 10 } });
      await giveUpWhatIsHeld({ parts: 0 });
      await giveUpWhatIsHeld({ parts: 0 });
      await view.ended();
      expect(view.error).toMatchObject({ name: 'NetworkError', code: 'stalled', checkpoint: { bucket: 'media' } });
      expect(obs.control.state.uploads.size).toBe(1);
    });
  });

  describe('6 the file', () => {
    // In place: a file that is short for a moment is another fault.
    const overwrite = (path: string): void => {
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(statSync(path).size, 'other bytes'));
      closeSync(file);
    };
    // Some engines know dates to the second.
    const touch = (path: string): void => utimesSync(path, new Date(), new Date(Date.now() + 60_000));

    /** An upload that has ended after its file was changed in the midst of it, and what the file was before. */
    async function changed(change: (path: string) => void): Promise<HostWorld & { readonly before: string }> {
      const responses = holdResponses((request) => isPart(request, 3));
      const changing = await world([], { inFront: responses.inFront });
      const { start, endedOrSilent, file } = changing;
      await start({ taskNum: 1 });
      await until('the third part is there, and three are still to be read', () => responses.count === 1);
      const before = readFileSync(file, 'base64');
      change(file);
      responses.release();
      await endedOrSilent();
      return { ...changing, before };
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
    ])('that %s while it is uploaded ends the upload as a SourceError, without an object', async (_, change) => {
      expectNoObject(await changed(change));
    });

    it.each([10, 2 * partSize])('that is deleted before it is uploaded (%i bytes) is no empty object', async (size) => {
      const { start, endedOrSilent, view, file, object } = await world([], { size });
      const before = readFileSync(file, 'base64');
      rmSync(file);
      await start();
      await endedOrSilent();
      const path = object();
      // WebKitGTK may have the file open still.
      if (path !== null) return expect(readFileSync(path, 'base64')).toBe(before);
      expect(view.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
    });

    it.each([
      [
        'grows',
        (path: string) => {
          appendFileSync(path, 'more');
          touch(path);
        },
      ],
      ['gets another date', touch],
    ])('that %s while it is uploaded is noticed, or is uploaded as it was', async (_, change) => {
      const ended = await changed(change);
      if (host.noticesDates) return expectNoObject(ended);
      expect(ended.view.error).toBeNull();
      expect(readFileSync(ended.object() ?? '', 'base64')).toBe(ended.before);
    });
  });

  describe('8 engines', () => {
    it('takes ETags that the bucket does not expose from the list of parts', async () => {
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

    it('takes a captive portal for no success', async () => {
      const { start, expectWhole } = await world([
        on('initiateMultipartUpload').htmlPage(),
        on('uploadPart', { partNumber: 1 }).htmlPage(),
        on('completeMultipartUpload').htmlPage(),
      ]);
      await start();
      await expectWhole();
    });

    if (isPage) {
      it('sends again what the engine aborts, though nobody asked it to', async () => {
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

    // WebKit has thousands of progress events for a file of 50 MB.
    it.each([
      ['of a slow line', 4, 5 * partSize, on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 4 * partSize })],
      ['of a fast one', 2, 50 * MIB, on('uploadPart', { partNumber: 2 }).delay(1000)],
    ])('reports progress %s at a bounded rate, truly, and never after the end', async (_, least, size, fault) => {
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

  describe('9 the network', () => {
    if (host.goesOffline) {
      it('that goes away and comes back costs no attempt', async () => {
        let held = 2;
        const responses = holdResponses((request) => isPart(request, held));
        const { start, expectWhole, view } = await world([], { inFront: responses.inFront });
        await start({ taskNum: 1, retry: { maxAttempts: 1 } });
        for (const next of [4, 6, null]) {
          await until(`part ${held} is on its way`, () => responses.count === 1);
          const waits = view.count('waiting');
          await view.tab?.setOffline(true);
          // Engines differ in what becomes of the request that is under way: this part, or else the next one, waits.
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
      ['a reset in the midst of a part', on('uploadPart', { partNumber: 3 }).reset({ afterBytes: partSize / 2 })],
    ])('that answers %s is tried again', async (_, fault) => {
      const { start, expectWhole } = await world([fault]);
      await start();
      await expectWhole();
    });

    it('that refuses connections ends in a NetworkError that can be resumed', async () => {
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

  describe('13 sent twice', () => {
    it.each([
      ['initiate', on('initiateMultipartUpload').resend()],
      ['a part', on('uploadPart', { partNumber: 2 }).resend()],
      ['complete', on('completeMultipartUpload').resend()],
      ['complete, its answer lost', on('completeMultipartUpload').loseResponse()],
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

/** How many pieces of responses the page has read. */
const COUNT_PIECES = `(() => {
  window.pieces = 0;
  const { prototype } = ReadableStreamDefaultReader;
  const { read } = prototype;
  prototype.read = function () {
    return read.call(this).then((piece) => ((window.pieces += 1), piece));
  };
})()`;

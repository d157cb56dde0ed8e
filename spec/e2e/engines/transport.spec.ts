import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { on, type FaultRule } from 'rx-obs-upload/server';
import { call } from '../support/engines/engine.js';
import { MIB } from '../support/files.js';
import { holdBodies, isPart } from '../support/held-responses.js';
import { STALL_MS, worldsOf } from '../support/host-world.js';
import { hosts } from '../support/hosts.js';
import { until } from '../support/until.js';

/** What a page's requests can meet on their way to OBS. */
describe.each(hosts.filter(({ place }) => place === 'page'))('$name', (host) => {
  const { world, partSize } = worldsOf(host);

  describe('a service worker that forwards everything', () => {
    it('hides progress, and a part on a slow line completes in one attempt', async () => {
      const size = 24 * MIB;
      const bodies = holdBodies((request) => isPart(request, 1));
      const { start, expectWhole, view, obs } = await world([], { size, inFront: bodies.inFront });
      const isControlled = await view.tab?.run(`navigator.serviceWorker.register('passing.js').then(() => new Promise(
        (resolve) => navigator.serviceWorker.controller === null
          ? navigator.serviceWorker.addEventListener('controllerchange', () => resolve(true))
          : resolve(true)))`);
      expect(isControlled).toBe(true);
      await start({ partSize: size, multipart: 'always' });
      await until('the part is on its way, and the sample has been read', () => {
        return bodies.count === 1 && view.count('checkpoint') === 1;
      });
      // Without a sign of life, but the stall timeout for a body of this size is longer.
      await view.tab?.run(call('skipTime', 3 * STALL_MS));
      bodies.release();
      await expectWhole();
      expect(view.count('retrying')).toBe(0);
      expect(obs.log.entries.filter(({ operation }) => operation === 'uploadPart')).toHaveLength(1);
    });
  });

  describe('a redirect to another origin', () => {
    let elsewhere: Server;
    let url: string;
    let requests: { readonly method: string | undefined; readonly headers: IncomingHttpHeaders }[];

    beforeEach(async () => {
      requests = [];
      elsewhere = createServer((request, response) => {
        requests.push({ method: request.method, headers: request.headers });
        response.setHeader('access-control-allow-origin', '*');
        response.setHeader('access-control-allow-methods', 'GET, PUT, POST, DELETE, HEAD');
        response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
        response.setHeader('access-control-expose-headers', 'ETag');
        request.resume().on('end', () => response.setHeader('etag', '"0123456789abcdef0123456789abcdef"').end());
      }).listen(0, '127.0.0.1');
      await once(elsewhere, 'listening');
      url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/film.mp4`;
    });

    afterEach(async () => {
      elsewhere.closeAllConnections();
      elsewhere.close();
      await once(elsewhere, 'close');
    });

    const customerKey = Array.from({ length: 32 }, (_, i) => i);
    const redirecting =
      (operation: 'initiateMultipartUpload' | 'uploadPart' | 'putObject' | 'completeMultipartUpload') =>
      (status: 301 | 302 | 303 | 307 | 308): FaultRule =>
        on(operation, { times: Infinity }).redirect(status, url);

    /** Expects an error that explains what to do. */
    async function expectRefused(fault: FaultRule, size: number, key?: readonly number[]): Promise<void> {
      const { start, view, obs } = await world([fault], { size });
      await start({ taskNum: 1 }, key === undefined ? {} : { customerKey: key });
      await view.ended();
      expect(fault.fired).toBe(1);
      expect(view.count('completed')).toBe(0);
      expect(view.error).toMatchObject({ name: 'ServiceError', code: 'service', retryable: false });
      expect(view.error?.message).toMatch(/redirected.*region/);
      expect(obs.control.state.buckets.get('media')?.objects.size).toBe(0);
    }

    it.each([302, 307, 308] as const)(
      'with %i is not followed for requests without the bytes of a part',
      async (status) => {
        await expectRefused(redirecting('initiateMultipartUpload')(status), 3 * partSize);
        await expectRefused(redirecting('completeMultipartUpload')(status), 3 * partSize);
        expect(requests).toEqual([]);
      },
    );

    it.each([302, 307, 308] as const)('with %i of a part is an error', async (status) => {
      await expectRefused(redirecting('uploadPart')(status), 3 * partSize);
      await expectRefused(redirecting('putObject')(status), 1000);
      // A page cannot prevent this: the browser follows, and the library sees it only afterwards.
      expect(requests.filter(({ method }) => method !== 'OPTIONS').length).toBeLessThanOrEqual(2);
    });

    it.each([302, 307, 308] as const)('with %i never receives an encryption key', async (status) => {
      for (const operation of ['initiateMultipartUpload', 'uploadPart', 'completeMultipartUpload'] as const) {
        await expectRefused(redirecting(operation)(status), 3 * partSize, customerKey);
      }
      await expectRefused(redirecting('putObject')(status), 1000, customerKey);
      expect(requests).toEqual([]);
    });
  });

  describe('the browser cache', () => {
    it('does not respond to the HEAD request for the object', async () => {
      const cached = on('getObject').respond(200, null, {
        body: 'an older one',
        headers: { 'cache-control': 'max-age=3600', etag: '"0123456789abcdef0123456789abcdef"' },
      });
      const { start, expectWhole, view, obs } = await world([cached, on('completeMultipartUpload').loseResponse()]);
      await view.tab?.run(`fetch('${obs.url}/media/film.mp4', { mode: 'no-cors' }).then((response) => response.type)`);
      await start();
      await expectWhole();
      const headRequests = obs.log.entries.filter(({ operation }) => operation === 'headObject');
      expect(headRequests.length).toBeGreaterThan(0);
      const requestedHeaders = obs.log.entries.flatMap(
        ({ headers }) => headers['access-control-request-headers'] ?? [],
      );
      expect(requestedHeaders.join()).not.toMatch(/cache-control|pragma/i);
    });
  });
});

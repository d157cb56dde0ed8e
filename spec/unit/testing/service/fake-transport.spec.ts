import { concatMap, map, take, timer, type Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { at } from '../../../support/virtual-time.js';
import { NetworkError } from '../../../../lib/model/errors/errors.js';
import { createFakeObs, on, type FakeObs } from '../../../../lib/testing/index.js';
import type { TransportEvent } from '../../../../lib/ports/transport/transport.js';
import { call, send$, signed, textOf, type Call } from '../client.js';

const put: Call = { method: 'PUT', target: 'k', body: new Uint8Array(1000) };
const slow = { bytesPerSecond: 100_000, progressSteps: 2, latencyMs: 5 };
const broken = new NetworkError('network', 'The connection broke.', { retryable: true });

/** Progress as letters, the response as `r`. */
function toMarbles(events$: Observable<TransportEvent>): Observable<string> {
  return events$.pipe(map((event, i) => (event.type === 'response' ? 'r' : 'abcdefgh'.charAt(i))));
}

function run(test: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}

/** Sends a request to a new fake in virtual time, and compares the events. */
function expectMarbles(options: Parameters<typeof createFakeObs>[0], marbles: string, subscription?: string): FakeObs {
  const obs = createFakeObs(options);
  run(({ expectObservable }) => {
    expectObservable(toMarbles(send$(obs, put)), subscription).toBe(marbles, undefined, broken);
  });
  return obs;
}

describe('the transport of a fake OBS', () => {
  it('responds synchronously by default, to each subscription', () => {
    expectMarbles({}, '(abcdr|)');
    expectMarbles({ progressSteps: 2 }, '---(abr|)', '---^');
  });

  it('sends nothing before it is subscribed to', () => {
    const obs = createFakeObs();
    const events$ = send$(obs, put);
    expect(obs.log).toEqual([]);
    events$.subscribe();
    events$.subscribe();
    expect(obs.log).toHaveLength(2);
  });

  it('takes time for the body and for the response', () => {
    expectMarbles(slow, '5ms a 4ms b 4ms (r|)');
    expectMarbles({ ...slow, progressSteps: 1 }, '10ms a 4ms (r|)');
    expectMarbles({ latencyMs: 5, progressSteps: 1 }, 'a 4ms (r|)');
    expectMarbles({ ...slow, reportsProgress: false }, '15ms (r|)');
    expect(createFakeObs({ reportsProgress: false }).transport.reportsProgress).toBe(false);
  });

  it('delays, drips and slows down according to its faults', () => {
    expectMarbles({ ...slow, faults: [on('putObject').delay(20)] }, '5ms a 4ms b 24ms (r|)');
    expectMarbles({ ...slow, faults: [on('putObject').drip(2000)] }, '5ms a 4ms b 2004ms (r|)');
    const halved = on('putObject').slow({ bytesPerSecond: 50_000 });
    expectMarbles({ ...slow, faults: [halved] }, '10ms a 9ms b 4ms (r|)');
  });

  it('drips from the end of the body until the request takes effect', () => {
    const obs = createFakeObs({ latencyMs: 5, faults: [on('initiateMultipartUpload').drip(2500)] });
    run(({ expectObservable, flush }) => {
      const initiate: Call = { method: 'POST', target: 'k?uploads' };
      expectObservable(toMarbles(send$(obs, initiate))).toBe('5ms a 999ms b 999ms c 499ms (r|)');
      at(2500, () => expect(obs.uploads()).toHaveLength(0));
      flush();
    });
    expect(obs.uploads()).toHaveLength(1);
  });

  it('simulates a slow proxy that buffers bodies and forwards them over one connection', () => {
    const proxy = on('putObject', { times: 2 }).slowProxy({ bytesPerSecond: 1000 });
    const obs = createFakeObs({ progressSteps: 1, faults: [proxy] });
    run(({ expectObservable }) => {
      expectObservable(toMarbles(send$(obs, put))).toBe('a 999ms (r|)');
      expectObservable(toMarbles(send$(obs, { ...put, target: 'other' }))).toBe('a 1999ms (r|)');
    });
  });

  it.each([null, 'https://app.test'])('reports a redirect as the client sees it (page: %s)', (origin) => {
    const obs = createFakeObs({ origin, faults: [on('headObject').redirect(302, 'https://other.test/')] });
    const { status, redirected } = call(obs, { method: 'HEAD', target: 'k' });
    expect([status, redirected]).toEqual([origin === null ? 302 : 0, true]);
  });

  it('drips spaces after the XML declaration', () => {
    const obs = createFakeObs({ faults: [on('listObjects').drip(3000)] });
    run(() => {
      send$(obs, { method: 'GET', target: '' }).subscribe((event) => {
        if (event.type === 'response') expect(event.response.body).toMatch(/^<\?xml [^>]*\?>\n {3}<ListBucketResult/);
      });
    });
    expect(obs.log[0]).toMatchObject({ status: 200 });
  });

  it('fails and stalls according to its faults', () => {
    expectMarbles({ ...slow, faults: [on('putObject').reset()] }, '#');
    expectMarbles({ ...slow, faults: [on('putObject').reset({ afterBytes: 700 })] }, '5ms a 1ms (b#)');
    expectMarbles({ ...slow, faults: [on('putObject').loseResponse()] }, '5ms a 4ms b 4ms #');
    expectMarbles({ ...slow, faults: [on('putObject').stall('before-body')] }, '');
    expectMarbles({ ...slow, faults: [on('putObject').stall('mid-body')] }, '5ms a');
    expectMarbles({ ...slow, faults: [on('putObject').stall('before-response')] }, '5ms a 4ms b');
    expectMarbles({ ...slow, faults: [on('putObject').stall('after-effect')] }, '5ms a 4ms b');
  });

  it('stops at once when it is unsubscribed, and has no effect before the body is complete', () => {
    const early = expectMarbles(slow, '5ms a', '7ms !');
    expect(early.object('k')).toBeNull();
    expect(early.log).toMatchObject([{ status: null, aborted: true }]);
    const late = expectMarbles(slow, '5ms a 4ms b', '12ms !');
    expect(late.object('k')?.size).toBe(1000);
    expect(late.log).toMatchObject([{ status: null, aborted: true }]);
    for (const obs of [early, late]) expect(obs.inFlight()).toBe(0);
  });

  it('can be unsubscribed during its own events', () => {
    const obs = createFakeObs(slow);
    const events: TransportEvent[] = [];
    run(({ flush }) => {
      const subscription = send$(obs, put).subscribe((event) => {
        events.push(event);
        subscription.unsubscribe();
      });
      flush();
    });
    expect(events.map(({ type }) => type)).toEqual(['upload-progress']);
    expect(obs.inFlight()).toBe(0);
    expect(obs.log).toMatchObject([{ aborted: true }]);
  });

  it('counts the requests in flight, without the one whose response is being emitted', () => {
    const obs = createFakeObs({ latencyMs: 10 });
    const seen: number[] = [];
    run(() => {
      for (let i = 0; i < 3; i++) {
        send$(obs, put).subscribe((event) => {
          if (event.type === 'response') seen.push(obs.inFlight());
        });
      }
      expect(obs.inFlight('putObject')).toBe(3);
    });
    expect(seen).toEqual([2, 1, 0]);
    expect(obs.maxInFlight()).toBe(3);
    expect(obs.maxInFlight('putObject')).toBe(3);
    expect(obs.maxInFlight('uploadPart')).toBe(0);
  });

  it('uses virtual time for its clock and log too', () => {
    run(({ flush }) => {
      const obs = createFakeObs({ latencyMs: 50, clockSkewMs: 3_600_000 });
      expect(obs.now()).toBe(3_600_000);
      const dates: (string | undefined)[] = [];
      send$(obs, put).subscribe((event) => {
        if (event.type === 'response') dates.push(event.response.headers.date);
      });
      flush();
      expect(dates).toEqual(['Thu, 01 Jan 1970 01:00:00 GMT']);
      expect(obs.log[0]?.at).toBe(3_600_000);
    });
  });

  it('expires a token as time passes', () => {
    run(({ flush }) => {
      const credentials = { accessKeyId: 'AK', secretAccessKey: 'SK', securityToken: 't', expiresAt: 60_000 };
      const obs = createFakeObs({ credentials: [credentials], latencyMs: 10 });
      expect(obs.credentials).toEqual(credentials);
      const statuses: number[] = [];
      timer(0, 60_000)
        .pipe(
          take(2),
          concatMap(() => send$(obs, put)),
        )
        .subscribe((event) => {
          if (event.type === 'response') statuses.push(event.response.status);
        });
      flush();
      expect(statuses).toEqual([200, 403]);
    });
  });

  it('accepts Blobs, with their type, and streams', async () => {
    const obs = createFakeObs();
    const statusOf = (request: Call): Promise<number> =>
      new Promise((resolve, reject) => {
        send$(obs, request).subscribe({
          next: (event) => event.type === 'response' && resolve(event.response.status),
          error: reject,
        });
      });
    const blob = new Blob(['hello'], { type: 'text/plain' });
    const typed = { 'content-type': 'text/plain' };
    expect(await statusOf({ ...put, body: blob, headers: typed })).toBe(200);
    expect(obs.object('k')).toMatchObject({ size: 5, headers: typed });
    // A browser adds the Blob's type by itself, so a signature without it is wrong.
    expect(await statusOf({ ...put, body: blob })).toBe(403);
    const chunks = [new Uint8Array([1, 2]), new Uint8Array([3])];
    const stream = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start(controller) {
          chunks.forEach((chunk) => controller.enqueue(chunk));
          controller.close();
        },
      });
    expect(await statusOf({ ...put, body: { size: 3, stream } })).toBe(200);
    expect(obs.object('k')?.bytes).toEqual(Uint8Array.from([1, 2, 3]));
    expect(await statusOf({ ...put, body: { size: 4, stream } })).toBe(400);
    const failing = {
      size: 3,
      stream: () => new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('gone')) }),
    };
    await expect(statusOf({ ...put, body: failing })).rejects.toMatchObject({
      code: 'network',
      cause: { message: 'gone' },
    });
  });

  it('accepts a Blob unread in virtual time, where no Promise resolves', async () => {
    const obs = createFakeObs({ latencyMs: 10 });
    const blob = new Blob(['hello']);
    const statuses: number[] = [];
    run(({ flush }) => {
      for (const target of ['a', 'b']) {
        send$(obs, { ...put, target, body: blob }).subscribe((event) => {
          if (event.type === 'response') statuses.push(event.response.status);
        });
      }
      flush();
    });
    expect(statuses).toEqual([200, 200]);
    expect(obs.object('a')?.etag).toBe(obs.object('b')?.etag);
    expect(() => obs.object('a')?.bytes).toThrow('virtual time');
    await blob.arrayBuffer();
    expect(obs.object('a')?.bytes).toEqual(new TextEncoder().encode('hello'));
  });

  it('removes dot segments from the path after signing, as browsers do', () => {
    const obs = createFakeObs();
    const request = { ...signed(obs, { ...put, target: 'b' }), url: 'https://media.obs.test/a/../b' };
    obs.transport.send(request).subscribe();
    expect(obs.log[0]?.key).toBe('b');
  });

  it('receives other header values than were signed where they are not ASCII, as browsers send them', () => {
    const obs = createFakeObs();
    expect(textOf(call(obs, { ...put, headers: { 'x-obs-meta-a': 'Zoë' } }).body, 'Code')).toBe(
      'SignatureDoesNotMatch',
    );
    expect(obs.log[0]?.headers['x-obs-meta-a']).toBe('Zo\ufffd');
    expect(() => call(obs, { ...put, headers: { 'x-obs-meta-a': '文' } })).toThrow(TypeError);
    expect(obs.log).toHaveLength(1);
  });
});

describe('a fake OBS as a page sees it', () => {
  const origin = 'https://app.example';

  it('returns only the headers that the CORS rule exposes', () => {
    const obs = createFakeObs({ origin });
    const { headers } = call(obs, put);
    expect(Object.keys(headers).sort()).toEqual(['date', 'etag', 'x-obs-id-2', 'x-obs-request-id']);
    const cors = {
      allowedOrigins: ['*'],
      allowedMethods: ['PUT'],
      allowedHeaders: ['*'],
      exposeHeaders: [],
      maxAgeSeconds: 1,
    };
    expect(call(createFakeObs({ origin, cors }), put).headers).toEqual({});
  });

  it('fails with a network error if CORS forbids the request', () => {
    const corsOf = (allowedHeaders: string[]): object => ({
      cors: { allowedOrigins: ['*'], allowedMethods: ['PUT'], allowedHeaders, exposeHeaders: [], maxAgeSeconds: 1 },
    });
    for (const options of [{ cors: null }, corsOf(['authorization'])]) {
      const obs = createFakeObs({ origin, ...options });
      expect(() => call(obs, put)).toThrow();
      expect(obs.log).toEqual([]);
    }
    const hiding = createFakeObs({ origin, faults: [on('putObject').hideHeaders('access-control-allow-origin')] });
    const errors: unknown[] = [];
    send$(hiding, put).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.any(NetworkError)]);
    expect(hiding.object('k')).not.toBeNull();
  });

  it('returns errors that can be read', () => {
    const obs = createFakeObs({ origin });
    expect(textOf(call(obs, { method: 'GET', target: 'none' }).body, 'Code')).toBe('NoSuchKey');
  });
});

import { NetworkError } from '../../../lib/model/errors/errors.js';
import { createFakeObs, fakeSource, on, type FakeObs } from '../../../lib/testing/index.js';
import {
  MAX_RESPONSE_BYTES,
  type TransportEvent,
  type TransportResponse,
} from '../../../lib/ports/transport/transport.js';
import { call, complete, initiate, putPart, send$, textOf, type Call } from './client.js';

const part = (size = 10): Uint8Array => new Uint8Array(size).fill(1);

/** The synchronous events of a request: progress as bytes, a response as its status, an error as its code. */
function outcome(obs: FakeObs, request: Call): (number | string)[] {
  const observed: (number | string)[] = [];
  send$(obs, request).subscribe({
    next: (event: TransportEvent) =>
      observed.push(event.type === 'response' ? `HTTP ${event.response.status}` : event.loadedBytes),
    error: (error: unknown) => observed.push(error instanceof NetworkError ? error.code : String(error)),
    complete: () => observed.push('complete'),
  });
  return observed;
}

function code(response: TransportResponse): string {
  return `${response.status} ${textOf(response.body, 'Code')}`;
}

const partRequest = (uploadId: string, partNumber: number, body = part()): Call => ({
  method: 'PUT',
  target: `a.bin?partNumber=${partNumber}&uploadId=${uploadId}`,
  body,
});

describe('fault rules', () => {
  it('apply to the requests that they match, once by default', () => {
    const busy = on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown', { headers: { 'retry-after': '2' } });
    const obs = createFakeObs({ faults: [busy] });
    const uploadId = initiate(obs);
    expect(putPart(obs, uploadId, 1, part()).status).toBe(200);
    expect(busy.fired).toBe(0);
    const response = putPart(obs, uploadId, 2, part());
    expect(code(response)).toBe('503 SlowDown');
    expect(response.headers['retry-after']).toBe('2');
    expect(putPart(obs, uploadId, 2, part()).status).toBe(200);
    expect(busy.fired).toBe(1);
    expect(obs.arrivals('uploadPart', 2).map((entry) => [entry.status, entry.fault])).toEqual([
      [503, 'respond 503 SlowDown'],
      [200, null],
    ]);
  });

  it('are applied in order, and each counts its own arrivals', () => {
    const obs = createFakeObs({
      faults: [
        on('headObject').respond(500, 'InternalError'),
        on('headObject', { times: 2 }).respond(503, 'SlowDown'),
        on('headObject', { arrival: 5 }).respond(429, 'TooManyRequests'),
      ],
    });
    const statuses = Array.from({ length: 6 }, () => call(obs, { method: 'HEAD', target: 'k' }).status);
    expect(statuses).toEqual([500, 503, 503, 404, 429, 404]);
  });

  it('match requests by key, by predicate or of any operation', () => {
    const obs = createFakeObs({
      faults: [
        on('any', { key: 'k', times: Infinity, name: 'teapot' }).respond(418),
        on('headObject', { when: ({ headers }) => headers['x-obs-meta-a'] === 'b' }).respond(403, 'AccessDenied'),
      ],
    });
    expect(call(obs, { method: 'GET', target: 'k' })).toMatchObject({ status: 418, body: '' });
    expect(call(obs, { method: 'DELETE', target: 'k' }).status).toBe(418);
    expect(obs.log[0]?.fault).toBe('teapot');
    expect(call(obs, { method: 'HEAD', target: 'other' }).status).toBe(404);
    expect(call(obs, { method: 'HEAD', target: 'other', headers: { 'x-obs-meta-a': 'b' } }).status).toBe(403);
  });

  it('can be added later', () => {
    const obs = createFakeObs();
    obs.addFaults(on('headObject').respond(500));
    expect(call(obs, { method: 'HEAD', target: 'k' }).status).toBe(500);
    expect(() => obs.addFaults({ ...on('any').loseResponse() })).toThrow(TypeError);
  });

  it('that only modify the response let the next rule apply', () => {
    const obs = createFakeObs({
      faults: [
        on('headObject').setHeaders({ date: 'never' }),
        on('headObject').respond(500),
        on('headObject').respond(501),
      ],
    });
    expect(call(obs, { method: 'HEAD', target: 'k' })).toMatchObject({ status: 500, headers: { date: 'never' } });
    expect(obs.log[0]?.fault).toBe('set date + respond 500');
    expect(call(obs, { method: 'HEAD', target: 'k' }).status).toBe(501);
  });
});

describe('faults', () => {
  it('respond: instead of the effect, or after it', () => {
    const obs = createFakeObs({
      faults: [
        on('uploadPart', { partNumber: 1 }).respond(500, 'InternalError'),
        on('uploadPart', { partNumber: 2 }).respond(500, 'InternalError', { takesEffect: true, message: 'later' }),
      ],
    });
    const uploadId = initiate(obs);
    putPart(obs, uploadId, 1, part());
    expect(textOf(putPart(obs, uploadId, 2, part()).body, 'Message')).toBe('later');
    expect(obs.partsOf(uploadId).map((stored) => stored.partNumber)).toEqual([2]);
  });

  it('errorIn200 and htmlPage: a 200 that is not a success', () => {
    const obs = createFakeObs({
      faults: [
        on('completeMultipartUpload').errorIn200(),
        on('completeMultipartUpload').htmlPage(),
        on('completeMultipartUpload').htmlPage('<p>portal'),
      ],
    });
    const uploadId = initiate(obs);
    expect(code(complete(obs, uploadId, []))).toBe('200 InternalError');
    const page = complete(obs, uploadId, []);
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
    expect(page.body).toContain('<!doctype html>');
    expect(complete(obs, uploadId, []).body).toBe('<p>portal');
    expect(obs.uploads()).toHaveLength(1);
  });

  it('loseResponse and truncateResponse: the request takes effect, but its response is lost', () => {
    const obs = createFakeObs({
      faults: [on('uploadPart').loseResponse(), on('uploadPart').truncateResponse()],
    });
    const uploadId = initiate(obs);
    expect(outcome(obs, partRequest(uploadId, 1))).toEqual([2, 5, 7, 10, 'network']);
    expect(outcome(obs, partRequest(uploadId, 2)).at(-1)).toBe('network');
    expect(obs.partsOf(uploadId)).toHaveLength(2);
    expect(obs.arrivals('uploadPart').map((entry) => [entry.status, entry.aborted])).toEqual([
      [null, false],
      [null, false],
    ]);
    expect(obs.inFlight()).toBe(0);
  });

  it('reset: the request has no effect, before or during the body', () => {
    const obs = createFakeObs({
      faults: [
        on('uploadPart').reset(),
        on('uploadPart').reset({ afterBytes: 6 }),
        on('initiateMultipartUpload', { arrival: 2 }).reset(),
      ],
    });
    const uploadId = initiate(obs);
    expect(outcome(obs, partRequest(uploadId, 1))).toEqual(['network']);
    expect(outcome(obs, partRequest(uploadId, 1))).toEqual([2, 5, 6, 'network']);
    expect(outcome(obs, { method: 'POST', target: 'k?uploads' })).toEqual(['network']);
    expect(obs.partsOf(uploadId)).toEqual([]);
    expect(obs.uploads()).toHaveLength(1);
  });

  it('stall: stops at each point until the client unsubscribes', () => {
    const obs = createFakeObs({
      faults: (['before-body', 'mid-body', 'before-response', 'after-effect', 'mid-response'] as const).map((at) =>
        on('uploadPart').stall(at),
      ),
    });
    const uploadId = initiate(obs);
    const progress = [1, 2, 3, 4, 5].map((n) => {
      const observed: number[] = [];
      const subscription = send$(obs, partRequest(uploadId, n)).subscribe((event) => {
        if (event.type === 'upload-progress') observed.push(event.loadedBytes);
      });
      expect(obs.inFlight('uploadPart')).toBe(1);
      subscription.unsubscribe();
      return observed;
    });
    expect(progress).toEqual([[], [2, 5], [2, 5, 7, 10], [2, 5, 7, 10], [2, 5, 7, 10]]);
    expect(obs.partsOf(uploadId).map((stored) => stored.partNumber)).toEqual([4, 5]);
    expect(obs.log.slice(1).every((entry) => entry.aborted && entry.status === null)).toBe(true);
    expect(obs.inFlight()).toBe(0);
  });

  it('resend: arrives and takes effect twice, and has one response', () => {
    const obs = createFakeObs({
      faults: [on('initiateMultipartUpload').resend(), on('completeMultipartUpload').resend()],
    });
    expect(outcome(obs, { method: 'POST', target: 'a.bin?uploads' })).toEqual(['HTTP 200', 'complete']);
    expect(obs.uploads()).toHaveLength(2);
    const [first] = obs.uploads();
    obs.putPart(first?.uploadId ?? '', 1, part());
    const etag = obs.partsOf(first?.uploadId ?? '')[0]?.etag ?? '';
    expect(code(complete(obs, first?.uploadId ?? '', [[1, etag]]))).toBe('404 NoSuchUpload');
    expect(obs.object('a.bin')?.uploadId).toBe(first?.uploadId);
    expect(obs.arrivals('completeMultipartUpload').map((entry) => entry.status)).toEqual([null, 404]);
  });

  it('hideHeaders, setHeaders and emptyEtag: the response lacks or changes a value', () => {
    const obs = createFakeObs({
      faults: [
        on('uploadPart', { partNumber: 1 }).hideHeaders('etag', 'date'),
        on('uploadPart', { partNumber: 2 }).setHeaders({ date: 'Thu, 01 Jan 2099 00:00:00 GMT' }),
        on('any', { when: ({ operation }) => operation === 'completeMultipartUpload' }).emptyEtag(),
      ],
    });
    const uploadId = initiate(obs);
    const hidden = putPart(obs, uploadId, 1, part()).headers;
    expect(hidden).not.toHaveProperty('etag');
    expect(hidden).not.toHaveProperty('date');
    expect(putPart(obs, uploadId, 2, part()).headers.date).toBe('Thu, 01 Jan 2099 00:00:00 GMT');
    const done = complete(obs, uploadId, [[1, obs.partsOf(uploadId)[0]?.etag ?? '']]);
    expect(done.body).toContain('<ETag></ETag>');
    expect(obs.object('a.bin')?.etag).toMatch(/^[0-9a-f]{32}-1$/);
  });

  it('dropUpload and act: the state changes during a request', () => {
    const rival = new Uint8Array([7]);
    const obs = createFakeObs({
      faults: [
        on('uploadPart', { partNumber: 2 }).dropUpload(),
        on('completeMultipartUpload').act((control, { key }) => control.putObject('media', key ?? '', rival), 'after'),
      ],
    });
    const uploadId = initiate(obs);
    putPart(obs, uploadId, 1, part());
    expect(code(putPart(obs, uploadId, 2, part()))).toBe('404 NoSuchUpload');
    const next = initiate(obs);
    const { etag = '' } = putPart(obs, next, 1, part()).headers;
    expect(complete(obs, next, [[1, etag]]).status).toBe(200);
    expect(obs.object('a.bin')).toMatchObject({ bytes: rival, uploadId: null });
  });

  it('endlessResponse: as many bytes as a transport reads', () => {
    const obs = createFakeObs({ faults: [on('listParts').endlessResponse()] });
    const uploadId = initiate(obs);
    const { body } = call(obs, { method: 'GET', target: `a.bin?uploadId=${uploadId}` });
    expect(body).toHaveLength(MAX_RESPONSE_BYTES);
  });
});

describe('changing the state', () => {
  it('is possible by direct calls', () => {
    const obs = createFakeObs();
    const [a, b] = [initiate(obs, 'a'), initiate(obs, 'b')];
    obs.putPart(a, 1, part());
    obs.putPart(a, 2, part());
    obs.putPart('none', 1, part());
    obs.deletePart(a, 1);
    obs.deletePart(a, 9);
    obs.abortUpload('none');
    expect(obs.partsOf(a).map((stored) => stored.partNumber)).toEqual([2]);
    obs.abortUpload(b);
    expect(obs.uploads().map((upload) => upload.key)).toEqual(['a']);
    obs.abortAllUploads();
    expect(obs.uploads()).toEqual([]);
    expect(obs.partsOf(a)).toEqual([]);
    obs.putObject('nowhere', 'k', part());
    obs.deleteObject('media', 'k');
    expect(obs.object('k', 'nowhere')).toBeNull();
  });
});

describe('a source that cannot be read', () => {
  it('fails the request as in a browser', () => {
    const obs = createFakeObs();
    const uploadId = initiate(obs);
    const file = fakeSource({ size: 10 });
    file.failReads();
    expect(outcome(obs, { ...partRequest(uploadId, 1), body: file.slice(0, 10) })).toEqual(['network']);
    expect(obs.log.at(-1)).toMatchObject({ status: null });
    expect(obs.inFlight()).toBe(0);
  });
});

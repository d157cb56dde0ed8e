import {
  createObsConnection,
  createSignedUrl,
  uploadFile$,
  type SignedRequest,
  type UnsignedRequest,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { of } from 'rxjs';
import { record, runVirtually, type Recording } from '../../support/virtual-time.js';

/** Uploads with a backend that returns a variation of the correct signed requests. */
function uploadWith(respond: (correct: SignedRequest[], requests: readonly UnsignedRequest[]) => unknown) {
  const fake = createFakeObs();
  const { server, transport, credentials, bucket } = fake;
  const sign = ({ method, headers, key, url }: UnsignedRequest): SignedRequest =>
    createSignedUrl({
      ...{ server, credentials, method, headers, bucket, key },
      query: Object.fromEntries([...new URL(url).searchParams].map(([name, value]) => [name, value || null])),
      expiresInSeconds: 60,
      requestDate: new Date(0),
    });
  const presign = (requests: readonly UnsignedRequest[]) => respond(requests.map(sign), requests) as never;
  const obs = createObsConnection({ server, transport, presign });
  const request = { bucket, key: 'a.txt', sourceFile: fakeSource({ size: 10 }) };
  return { fake, events: runVirtually(() => record(uploadFile$(obs, request))) };
}

function expectRefused(
  { fake, events }: { fake: { log: readonly unknown[] }; events: Recording<unknown> },
  expectedMessage: RegExp,
) {
  expect(events.error).toMatchObject({ name: 'SigningError', code: 'presign', retryable: false });
  expect((events.error as Error).message).toMatch(expectedMessage);
  expect((events.error as Error).message).toContain('{ url: its absolute URL, headers: { name: text }');
  expect((events.error as Error).message).not.toMatch(/Signature=|AccessKeyId=/);
  expect(events.values.filter((event) => (event as { type: string }).type === 'retrying')).toHaveLength(0);
  expect(fake.log).toHaveLength(0);
}

describe('the response of presign', () => {
  it.each<[name: string, transform: (correct: SignedRequest) => unknown, expectedMessage: RegExp]>([
    ['{ url } only', ({ url }) => ({ url }), /no headers\. They are those that were signed/],
    ['headers that are null', ({ url }) => ({ url, headers: null }), /no headers/],
    ['a bare URL', ({ url }) => url, /text in place of an object/],
    ['null', () => null, /null in place of an object/],
    ['a list', ({ url, headers }) => [url, headers], /a list in place of an object/],
    [
      'lists of header values',
      (correct) => ({ ...correct, headers: { Host: ['a'], 'Content-Type': ['b'] } }),
      /lists of values \("Host"\)/,
    ],
    ['a header that is a number', (correct) => ({ ...correct, headers: { a: 1 } }), /unusable name or value \("a"\)/],
    ['a Map of headers', (correct) => ({ ...correct, headers: new Map([['a', 'b']]) }), /a Map in place of headers/],
    [
      'a Headers object',
      (correct) => ({ ...correct, headers: new Headers({ a: 'b' }) }),
      /a Headers in place of headers/,
    ],
    [
      'a header twice',
      (correct) => ({ ...correct, headers: { 'Content-Type': 'a', 'content-type': 'a' } }),
      /"content-type" twice/,
    ],
    ['a relative URL', (correct) => ({ ...correct, url: '/media/a.txt' }), /no absolute URL/],
  ])('%s: is refused before anything is sent', (_, transform, expectedMessage) => {
    expectRefused(
      uploadWith((correct) => of(correct.map(transform))),
      expectedMessage,
    );
  });

  it.each<[name: string, respond: (correct: SignedRequest[]) => unknown, expectedMessage: RegExp]>([
    ['text', ([first]) => of(first?.url), /must return a list.*It returned text/],
    ['text without an Observable', ([first]) => first?.url, /must return a list.*It returned text/],
    ['one object', ([first]) => of(first), /must return a list/],
    ['an object without an Observable', ([first]) => first, /must return a list/],
    ['an object around the list', (correct) => of({ requests: correct }), /must return a list/],
    ['undefined', () => undefined, /must return a list/],
    ['null', () => of(null), /must return a list/],
  ])('%s in place of the list: is refused before anything is sent', (_, respond, expectedMessage) => {
    expectRefused(uploadWith(respond), expectedMessage);
  });

  it('may be the list itself, without a Promise or an Observable', () => {
    expect(uploadWith((correct) => correct).events.values.at(-1)).toMatchObject({ type: 'completed' });
  });
});

describe('header names that differ only in case', () => {
  const { server, credentials } = createFakeObs();
  const put = { server, credentials, method: 'PUT', bucket: 'media', key: 'a', expiresInSeconds: 60 } as const;

  it('are refused in signed URLs', () => {
    const headers = { 'Content-Type': 'a', 'content-type': 'b' };
    expect(() => createSignedUrl({ ...put, headers })).toThrow(expect.objectContaining({ option: 'headers' }));
  });

  it('are refused in metadata', () => {
    const { transport } = createFakeObs();
    const obs = createObsConnection({ server, credentials, transport });
    const metadata = { Owner: 'a', owner: 'b' };
    const request = { bucket: 'media', key: 'a', sourceFile: fakeSource({ size: 1 }), metadata };
    expect(runVirtually(() => record(uploadFile$(obs, request))).error).toMatchObject({ option: 'metadata' });
  });
});

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

/** What a backend gives for each request, out of what is right. */
function uploadWith(answer: (right: SignedRequest[], requests: readonly UnsignedRequest[]) => unknown) {
  const fake = createFakeObs();
  const { server, transport, credentials, bucket } = fake;
  const sign = ({ method, headers, key, url }: UnsignedRequest): SignedRequest =>
    createSignedUrl({
      ...{ server, credentials, method, headers, bucket, key },
      query: Object.fromEntries([...new URL(url).searchParams].map(([name, value]) => [name, value || null])),
      expiresInSeconds: 60,
      requestDate: new Date(0),
    });
  const presign = (requests: readonly UnsignedRequest[]) => answer(requests.map(sign), requests) as never;
  const obs = createObsConnection({ server, transport, presign });
  const request = { bucket, key: 'a.txt', sourceFile: fakeSource({ size: 10 }) };
  return { fake, events: runVirtually(() => record(uploadFile$(obs, request))) };
}

function expectRefused(
  { fake, events }: { fake: { log: readonly unknown[] }; events: Recording<unknown> },
  words: RegExp,
) {
  expect(events.error).toMatchObject({ name: 'SigningError', code: 'presign', retryable: false });
  expect((events.error as Error).message).toMatch(words);
  expect((events.error as Error).message).toContain('{ url: its absolute URL, headers: { name: text }');
  expect((events.error as Error).message).not.toMatch(/Signature=|AccessKeyId=/);
  expect(events.values.filter((event) => (event as { type: string }).type === 'retrying')).toHaveLength(0);
  expect(fake.log).toHaveLength(0);
}

describe('a backend whose answer is not what presign must give', () => {
  it.each<[what: string, form: (right: SignedRequest) => unknown, words: RegExp]>([
    ['{ url } alone', ({ url }) => ({ url }), /no headers\. They are those that were signed/],
    ['headers that are null', ({ url }) => ({ url, headers: null }), /no headers/],
    ['a bare URL', ({ url }) => url, /text in place of an object/],
    ['null', () => null, /null in place of an object/],
    ['a list', ({ url, headers }) => [url, headers], /a list in place of an object/],
    [
      'lists of header values',
      (right) => ({ ...right, headers: { Host: ['a'], 'Content-Type': ['b'] } }),
      /lists of values \("Host"\)/,
    ],
    ['a header that is a number', (right) => ({ ...right, headers: { a: 1 } }), /unusable name or value \("a"\)/],
    ['a Map of headers', (right) => ({ ...right, headers: new Map([['a', 'b']]) }), /a Map in place of headers/],
    ['a Headers object', (right) => ({ ...right, headers: new Headers({ a: 'b' }) }), /a Headers in place of headers/],
    [
      'a header twice',
      (right) => ({ ...right, headers: { 'Content-Type': 'a', 'content-type': 'a' } }),
      /"content-type" twice/,
    ],
    ['a relative URL', (right) => ({ ...right, url: '/media/a.txt' }), /no absolute URL/],
  ])('%s: refused, before anything is sent', (_, form, words) => {
    expectRefused(
      uploadWith((right) => of(right.map(form))),
      words,
    );
  });

  it.each<[what: string, answer: (right: SignedRequest[]) => unknown, words: RegExp]>([
    ['text', ([first]) => of(first?.url), /must return a list.*It returned text/],
    ['text that is no stream', ([first]) => first?.url, /must return a list.*It returned text/],
    ['one object', ([first]) => of(first), /must return a list/],
    ['an object that is no stream', ([first]) => first, /must return a list/],
    ['an object around the list', (right) => of({ requests: right }), /must return a list/],
    ['nothing at all', () => undefined, /must return a list/],
    ['null', () => of(null), /must return a list/],
  ])('%s in place of the list: refused, before anything is sent', (_, answer, words) => {
    expectRefused(uploadWith(answer), words);
  });

  it('the list itself is taken, without a Promise or an Observable around it', () => {
    expect(uploadWith((right) => right).events.values.at(-1)).toMatchObject({ type: 'completed' });
  });
});

describe('header names that differ in case alone', () => {
  const { server, credentials } = createFakeObs();
  const put = { server, credentials, method: 'PUT', bucket: 'media', key: 'a', expiresInSeconds: 60 } as const;

  it('are refused where a URL is signed', () => {
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

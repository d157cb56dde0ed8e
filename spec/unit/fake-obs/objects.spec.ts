import { createFakeObs, type FakeObs } from '../../../lib/testing/index.js';
import type { TransportResponse } from '../../../lib/ports/transport/transport.js';
import { allOf, answerOf, call, initiate, putPart, signed, textOf, type Call } from '../testing/client.js';
import { signHeader } from './sign.js';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

function code(response: TransportResponse): string {
  return `${response.status} ${textOf(response.body, 'Code')}`;
}

function put(obs: FakeObs, target: string, content = '', headers: Record<string, string> = {}): TransportResponse {
  return call(obs, { method: 'PUT', target, headers, body: text(content) });
}

describe('objects', () => {
  it('are returned with their content and headers', () => {
    const obs = createFakeObs();
    const headers = {
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      'content-disposition': 'attachment',
      'x-obs-meta-owner': 'Zo%C3%AB',
      'x-obs-storage-class': 'WARM',
      'x-obs-website-redirect-location': '/index.html',
      'x-obs-acl': 'private',
      'x-obs-expires': '30',
      'x-obs-tagging': 'a=b',
    };
    expect(put(obs, 'k', 'hello', headers)).toMatchObject({
      status: 200,
      headers: { etag: '"5d41402abc4b2a76b9719d911017c592"' },
    });
    const { 'x-obs-acl': acl, 'x-obs-expires': expires, 'x-obs-tagging': tagging, ...returned } = headers;
    const response = call(obs, { method: 'GET', target: 'k' });
    expect(response).toMatchObject({ status: 200, body: 'hello', headers: { ...returned, 'content-length': '5' } });
    const head = call(obs, { method: 'HEAD', target: 'k' });
    expect(head).toMatchObject({ status: 200, body: '', headers: { ...returned, 'content-length': '5' } });
    expect(head.headers).not.toHaveProperty('x-obs-uploadid');
    expect(obs.object('k')).toMatchObject({ headers: returned, options: { acl, expires, tagging } });
  });

  it('always have a content type', () => {
    const obs = createFakeObs();
    put(obs, 'k');
    expect(obs.object('k')?.headers['content-type']).toBe('binary/octet-stream');
    const request = signed(obs, { method: 'PUT', target: 'b', headers: { 'content-type': 'a/b' } });
    answerOf(obs.transport.send({ ...request, body: text('x') }));
    expect(obs.object('b')?.headers['content-type']).toBe('a/b');
  });

  it('are returned with the headers that a signed request asks for', () => {
    const obs = createFakeObs();
    put(obs, 'k', 'hello', { 'content-type': 'video/mp4', 'cache-control': 'no-store', 'x-obs-acl': 'public-read' });
    const query = "response-content-disposition=attachment%3B%20filename*%3DUTF-8''a%2520b.mp4&response-expires=0";
    const { headers } = call(obs, { method: 'GET', target: `k?${query}&response-content-type=audio%2Fogg` });
    expect(headers).toMatchObject({
      'content-disposition': "attachment; filename*=UTF-8''a%20b.mp4",
      'content-type': 'audio/ogg',
      'cache-control': 'no-store',
      expires: '0',
    });
    const split = call(obs, { method: 'GET', target: 'k?response-content-type=a%0D%0Ab' });
    expect(code(split)).toBe('400 InvalidArgument');
    const url = 'https://media.obs.test/k?response-content-type=text%2Fhtml';
    const unsigned = answerOf(obs.transport.send({ method: 'GET', url, headers: {}, body: null }));
    expect(code(unsigned)).toBe('400 InvalidRequest');
  });

  it('are read in ranges', () => {
    const obs = createFakeObs();
    put(obs, 'k', '0123456789');
    const read = (range: string): string => {
      const { status, body, headers } = call(obs, { method: 'GET', target: 'k', headers: { range } });
      return `${status} ${status === 416 ? '' : body} ${headers['content-range'] ?? ''}`.trim();
    };
    expect(read('bytes=2-4')).toBe('206 234 bytes 2-4/10');
    expect(read('bytes=7-')).toBe('206 789 bytes 7-9/10');
    expect(read('bytes=-3')).toBe('206 789 bytes 7-9/10');
    expect(read('bytes=-30')).toBe('206 0123456789 bytes 0-9/10');
    expect(read('bytes=8-99')).toBe('206 89 bytes 8-9/10');
    expect(read('bytes=10-')).toBe('416');
    expect(read('bytes=-0')).toBe('416');
    for (const ignored of ['bytes=4-2', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=-']) {
      expect(read(ignored)).toBe('200 0123456789');
    }
  });

  it('are returned only under the conditions of the request', () => {
    const obs = createFakeObs();
    const etag = put(obs, 'k', '0123456789').headers.etag ?? '';
    const date = call(obs, { method: 'HEAD', target: 'k' }).headers['last-modified'] ?? '';
    const before = new Date(Date.parse(date) - 1000).toUTCString();
    const read = (headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET'): string => {
      const { status, body } = call(obs, { method, target: 'k', headers });
      return `${status} ${status === 412 ? textOf(body, 'Code') : body}`.trim();
    };
    const other = '"00000000000000000000000000000000"';
    for (const held of [etag, `W/${etag}`, `${other}, ${etag}`, '*']) {
      expect(read({ 'if-none-match': held })).toBe('304');
      expect(read({ 'if-match': held })).toBe('200 0123456789');
    }
    expect(read({ 'if-none-match': other, 'if-modified-since': date })).toBe('200 0123456789');
    expect(read({ 'if-match': other })).toBe('412 PreconditionFailed');
    expect(read({ 'if-match': etag, 'if-unmodified-since': before })).toBe('200 0123456789');
    expect(read({ 'if-modified-since': date })).toBe('304');
    expect(read({ 'if-modified-since': before })).toBe('200 0123456789');
    expect(read({ 'if-modified-since': 'yesterday' })).toBe('200 0123456789');
    expect(read({ 'if-unmodified-since': before })).toBe('412 PreconditionFailed');
    expect(read({ 'if-none-match': etag }, 'HEAD')).toBe('304');
    const unchanged = call(obs, { method: 'GET', target: 'k', headers: { 'if-none-match': etag } });
    expect(unchanged.headers).toMatchObject({ etag, 'last-modified': date });
    expect(unchanged.headers).not.toHaveProperty('content-length');
  });

  it('are continued by a range only if they are the same', () => {
    const obs = createFakeObs();
    const etag = put(obs, 'k', '0123456789').headers.etag ?? '';
    const date = call(obs, { method: 'HEAD', target: 'k' }).headers['last-modified'] ?? '';
    const read = (ifRange: string): string =>
      call(obs, { method: 'GET', target: 'k', headers: { range: 'bytes=8-', 'if-range': ifRange } }).body;
    expect([etag, date].map(read)).toEqual(['89', '89']);
    put(obs, 'k', 'abcdefghij');
    expect(read(etag)).toBe('abcdefghij');
  });

  it('are deleted, and not found afterwards', () => {
    const obs = createFakeObs();
    put(obs, 'k', 'x');
    for (let i = 0; i < 2; i++) expect(call(obs, { method: 'DELETE', target: 'k' }).status).toBe(204);
    expect(code(call(obs, { method: 'GET', target: 'k' }))).toBe('404 NoSuchKey');
    expect(call(obs, { method: 'HEAD', target: 'k' })).toMatchObject({ status: 404, body: '' });
    expect(obs.object('k')).toBeNull();
  });

  it('are not overwritten if that is forbidden', () => {
    const obs = createFakeObs();
    const forbid = { 'x-obs-forbid-overwrite': 'true' };
    expect(put(obs, 'k', 'a', forbid).status).toBe(200);
    expect(code(put(obs, 'k', 'b', forbid))).toBe('409 ObjectAlreadyExists');
    expect(code(put(obs, 'k', 'b', { 'if-none-match': '*' }))).toBe('412 PreconditionFailed');
    expect(put(obs, 'k', 'b').status).toBe(200);
    expect(obs.object('k')?.bytes).toEqual(text('b'));
  });

  it.each([
    [true, '412 PreconditionFailed'],
    [false, '200'],
  ])('obey If-None-Match if conditionalWrites is %s, and the header of OBS always', (conditionalWrites, expected) => {
    const obs = createFakeObs({ conditionalWrites });
    put(obs, 'k', 'a');
    expect(code(put(obs, 'k', 'b', { 'x-obs-forbid-overwrite': 'true' }))).toBe('409 ObjectAlreadyExists');
    expect(code(put(obs, 'k', 'b', { 'if-none-match': '*' })).trim()).toBe(expected);
  });

  it('accept headers of the S3 dialect', () => {
    const obs = createFakeObs();
    const unsigned = {
      method: 'PUT',
      url: 'https://media.obs.test/k',
      headers: { 'x-amz-storage-class': 'STANDARD_IA' },
    } as const;
    const headers = signHeader(unsigned, obs.credentials, { now: obs.now(), bucket: 'media' }, 'x-amz-');
    answerOf(obs.transport.send({ ...unsigned, headers, body: text('') }));
    expect(obs.object('k')?.headers['x-obs-storage-class']).toBe('WARM');
  });

  it.each([
    ['InvalidArgument', { 'x-obs-acl': 'everybody' }],
    ['InvalidArgument', { 'x-obs-expires': '0' }],
    ['InvalidStorageClass', { 'x-obs-storage-class': 'HOT' }],
    ['InvalidTag', { 'x-obs-tagging': Array.from({ length: 11 }, (_, i) => `k${i}=v`).join('&') }],
    ['MetadataTooLarge', { 'x-obs-meta-a': 'x'.repeat(8192) }],
    ['NotImplemented', { 'x-obs-copy-source': '/media/a' }],
  ])('are refused with %s', (expected, headers: Record<string, string>) => {
    const obs = createFakeObs();
    expect(textOf(put(obs, 'k', '', headers).body, 'Code')).toBe(expected);
    if (expected === 'NotImplemented') return;
    expect(textOf(call(obs, { method: 'POST', target: 'k?uploads', headers }).body, 'Code')).toBe(expected);
  });

  it('have keys of 1 to 1024 bytes of UTF-8', () => {
    const obs = createFakeObs();
    const key = (bytes: number): string => encodeURIComponent('é'.repeat(bytes / 2));
    expect(put(obs, key(1024)).status).toBe(200);
    expect(code(put(obs, key(1026)))).toBe('400 KeyTooLongError');
    expect(code(call(obs, { method: 'POST', target: `${key(1026)}?uploads` }))).toBe('400 KeyTooLongError');
    expect(code(put(obs, '%ff'))).toBe('400 InvalidURI');
    const malformed = { ...signed(obs, { method: 'PUT', target: 'k' }), url: 'https://media.obs.test/k?uploadId=%ff' };
    expect(code(answerOf(obs.transport.send(malformed)))).toBe('400 InvalidURI');
    const strange = 'a b+c/中文 🎈/?#&=;%/__proto__/';
    expect(put(obs, strange.split('/').map(encodeURIComponent).join('/')).status).toBe(200);
    expect(obs.object(strange)).not.toBeNull();
  });

  it('are refused if they are too large', () => {
    const obs = createFakeObs({ maxBodyBytes: 10 });
    expect(code(put(obs, 'k', '01234567890'))).toBe('400 EntityTooLarge');
    const uploadId = initiate(obs);
    expect(code(putPart(obs, uploadId, 1, text('01234567890')))).toBe('400 EntityTooLarge');
  });
});

describe('listing objects', () => {
  const list = (obs: FakeObs, query: string): TransportResponse => call(obs, { method: 'GET', target: `?${query}` });

  it('is ordered by key, and paged by a marker', () => {
    const obs = createFakeObs();
    for (const key of ['b', 'a/2', '%F0%9F%8E%88', 'a/1', '%EF%BF%BD', 'c']) put(obs, key);
    expect(allOf(list(obs, '').body, 'Key')).toEqual(['a/1', 'a/2', 'b', 'c', '\ufffd', '🎈']);
    expect(allOf(list(obs, 'prefix=a/').body, 'Key')).toEqual(['a/1', 'a/2']);
    const page = list(obs, 'max-keys=2&marker=a/1').body;
    expect(allOf(page, 'Key')).toEqual(['a/2', 'b']);
    expect(textOf(page, 'IsTruncated')).toBe('true');
    expect(textOf(page, 'NextMarker')).toBe('b');
    expect(code(list(obs, 'max-keys=x'))).toBe('400 InvalidArgument');
  });

  it('groups keys of the same folder', () => {
    const obs = createFakeObs();
    for (const key of ['a/1', 'a/2', 'b', 'c/d/e']) put(obs, key);
    const page = list(obs, 'delimiter=/').body;
    expect(allOf(page, 'Key')).toEqual(['b']);
    expect([...page.matchAll(/<CommonPrefixes><Prefix>(.*?)<\/Prefix>/g)].map((match) => match[1])).toEqual([
      'a/',
      'c/',
    ]);
  });

  it('encodes keys on request', () => {
    const obs = createFakeObs();
    put(obs, 'a%01%20%26b');
    expect(textOf(list(obs, 'encoding-type=url').body, 'Key')).toBe('a%01%20%26b');
    expect(textOf(list(obs, '').body, 'Key')).toBe('a\ufffd &amp;b');
    expect(code(list(obs, 'encoding-type=base64'))).toBe('400 InvalidArgument');
  });
});

describe('listing uploads', () => {
  const list = (obs: FakeObs, query = ''): string => call(obs, { method: 'GET', target: `?uploads${query}` }).body;

  it('is ordered by key and id, and paged by two markers', () => {
    const obs = createFakeObs();
    const ids = ['b', 'a', 'b', 'c', 'b'].map((key) => initiate(obs, key, { 'x-obs-storage-class': 'COLD' }));
    const [b1, a, b2, c, b3] = ids;
    const seen: string[] = [];
    let markers = '';
    do {
      const page = list(obs, `&max-uploads=2${markers}`);
      seen.push(...allOf(page, 'UploadId'));
      const isTruncated = textOf(page, 'IsTruncated') === 'true';
      markers = isTruncated
        ? `&key-marker=${textOf(page, 'NextKeyMarker')}&upload-id-marker=${textOf(page, 'NextUploadIdMarker')}`
        : '';
    } while (markers !== '');
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(seen).toHaveLength(5);
    expect(seen[0]).toBe(a);
    expect(new Set(seen.slice(1, 4))).toEqual(new Set([b1, b2, b3]));
    expect(seen[4]).toBe(c);
    expect(allOf(list(obs, '&key-marker=b'), 'UploadId')).toEqual([c]);
    expect(allOf(list(obs, '&prefix=c'), 'UploadId')).toEqual([c]);
    expect(allOf(list(obs), 'StorageClass')).toEqual(Array(5).fill('COLD'));
    expect(Math.abs(Date.parse(textOf(list(obs), 'Initiated')) - obs.now())).toBeLessThan(60_000);
  });

  it('continues after an upload that has been aborted since', () => {
    const obs = createFakeObs();
    const ids = ['a', 'b', 'b', 'b', 'b', 'c'].map((key) => initiate(obs, key));
    const seen: string[] = [];
    let markers = '';
    for (let isTruncated = true; isTruncated;) {
      const page = list(obs, `&max-uploads=2${markers}`);
      for (const id of allOf(page, 'UploadId')) {
        seen.push(id);
        obs.abortUpload(id);
      }
      isTruncated = textOf(page, 'IsTruncated') === 'true';
      markers = `&key-marker=${textOf(page, 'NextKeyMarker')}&upload-id-marker=${textOf(page, 'NextUploadIdMarker')}`;
    }
    expect(seen.sort()).toEqual(ids.sort());
    expect(obs.uploads()).toEqual([]);
  });

  it('groups keys of the same folder', () => {
    const obs = createFakeObs();
    for (const key of ['a/1', 'a/1', 'a/2', 'b', 'c/d/e']) initiate(obs, key);
    const foldersOf = (page: string): readonly (string | undefined)[] =>
      [...page.matchAll(/<CommonPrefixes><Prefix>(.*?)<\/Prefix>/g)].map((match) => match[1]);
    const page = list(obs, '&delimiter=/');
    expect([allOf(page, 'Key'), foldersOf(page)]).toEqual([['b'], ['a/', 'c/']]);
    const first = list(obs, '&delimiter=/&max-uploads=1');
    expect([foldersOf(first), textOf(first, 'NextKeyMarker')]).toEqual([['a/'], 'a/']);
    expect(allOf(list(obs, '&delimiter=/&max-uploads=1&key-marker=a/'), 'Key')).toEqual(['b']);
    expect(allOf(list(obs, '&delimiter=/&prefix=a/'), 'Key')).toEqual(['a/1', 'a/1', 'a/2']);
  });

  it('is limited to one bucket, and encodes keys on request', () => {
    const obs = createFakeObs({ buckets: ['media', 'other'] });
    initiate(obs, 'a%20%C3%A9/b');
    call(obs, { method: 'POST', target: 'k?uploads', bucket: 'other' });
    expect(allOf(list(obs, '&encoding-type=url&key-marker='), 'Key')).toEqual(['a%20%C3%A9/b']);
  });
});

describe('buckets', () => {
  const inBucket = (bucket: string, request: Omit<Call, 'bucket' | 'target'>): Call => ({
    target: '',
    bucket,
    ...request,
  });

  it('are created, found and deleted', () => {
    const obs = createFakeObs();
    expect(call(obs, inBucket('second', { method: 'HEAD' })).status).toBe(404);
    expect(call(obs, inBucket('second', { method: 'PUT' })).status).toBe(200);
    expect(call(obs, inBucket('second', { method: 'HEAD' })).status).toBe(200);
    expect(code(call(obs, inBucket('second', { method: 'PUT' })))).toBe('409 BucketAlreadyOwnedByYou');
    expect(code(call(obs, inBucket('a', { method: 'PUT' })))).toBe('400 InvalidBucketName');
    obs.putObject('second', 'k', text(''));
    expect(code(call(obs, inBucket('second', { method: 'DELETE' })))).toBe('409 BucketNotEmpty');
    obs.deleteObject('second', 'k');
    expect(call(obs, inBucket('second', { method: 'DELETE' })).status).toBe(204);
    expect(code(call(obs, { ...inBucket('second', { method: 'POST' }), target: 'k?uploads' }))).toBe(
      '404 NoSuchBucket',
    );
  });

  it('report the OBS API version to unsigned requests', () => {
    const obs = createFakeObs();
    const unsigned = (bucket: string): TransportResponse => {
      const { url } = signed(obs, inBucket(bucket, { method: 'HEAD' }));
      return answerOf(obs.transport.send({ method: 'HEAD', url: `${url}?apiversion`, headers: {}, body: null }));
    };
    expect(unsigned('media')).toMatchObject({ status: 200, headers: { 'x-obs-api': '3.0' } });
    expect(unsigned('second').status).toBe(404);
  });
});

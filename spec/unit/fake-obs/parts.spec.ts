import { createFakeObs, type FakeObs } from '../../../lib/testing/index.js';
import type { TransportResponse } from '../../../lib/ports/transport/transport.js';
import { allOf, call, complete, initiate, putPart, textOf } from '../testing/client.js';
import { signV4 } from './sign.js';
import { answerOf } from '../testing/client.js';

const part = (size = 102_400, fill = 1): Uint8Array => new Uint8Array(size).fill(fill);

function code(response: TransportResponse): string {
  return `${response.status} ${textOf(response.body, 'Code')}`;
}

function list(obs: FakeObs, uploadId: string, query = ''): TransportResponse {
  return call(obs, { method: 'GET', target: `a.bin?uploadId=${uploadId}${query}` });
}

describe('parts of an upload', () => {
  it('are numbered from 1 to 10,000', () => {
    const obs = createFakeObs();
    const uploadId = initiate(obs);
    for (const n of [1, 10_000]) expect(putPart(obs, uploadId, n, part(1)).status).toBe(200);
    for (const n of [0, 10_001, -1, 1.5]) expect(code(putPart(obs, uploadId, n, part(1)))).toBe('400 InvalidArgument');
    expect(code(call(obs, { method: 'PUT', target: 'a.bin?partNumber=1', body: part(1) }))).toBe('400 InvalidArgument');
  });

  it('are replaced when their number is sent again', () => {
    const obs = createFakeObs();
    const uploadId = initiate(obs);
    putPart(obs, uploadId, 1, part(5));
    putPart(obs, uploadId, 1, part(7, 2));
    expect(obs.partsOf(uploadId)).toMatchObject([{ partNumber: 1, size: 7 }]);
    const [first] = obs.partsOf(uploadId);
    complete(obs, uploadId, [[1, first?.etag ?? '']]);
    expect(obs.object('a.bin')?.bytes).toEqual(part(7, 2));
  });

  it('are not copied from another object', () => {
    const obs = createFakeObs();
    obs.putObject('media', 'k', part());
    const target = `a.bin?partNumber=1&uploadId=${initiate(obs)}`;
    const headers = { 'x-obs-copy-source': '/media/k' };
    expect(code(call(obs, { method: 'PUT', target, headers }))).toBe('501 NotImplemented');
    expect(obs.uploads()[0]?.parts.size).toBe(0);
  });

  it('belong to an existing upload and to its key', () => {
    const obs = createFakeObs();
    const uploadId = initiate(obs);
    expect(code(putPart(obs, 'none', 1, part(1)))).toBe('404 NoSuchUpload');
    expect(code(putPart(obs, uploadId, 1, part(1), 'other.bin'))).toBe('404 NoSuchUpload');
    expect(code(list(obs, 'none'))).toBe('404 NoSuchUpload');
    const elsewhere = { method: 'GET', target: `a.bin?uploadId=${uploadId}`, bucket: 'nowhere' } as const;
    expect(code(call(obs, elsewhere))).toBe('404 NoSuchBucket');
  });

  it('are listed in pages of at most 1,000', () => {
    const obs = createFakeObs();
    const uploadId = initiate(obs);
    for (let n = 2001; n >= 1; n--) obs.putPart(uploadId, n, part(1));
    const numbers: string[] = [];
    let marker = '';
    let pages = 0;
    do {
      const page = list(obs, uploadId, `&max-parts=5000${marker && `&part-number-marker=${marker}`}`).body;
      pages += 1;
      numbers.push(...allOf(page, 'PartNumber'));
      expect(textOf(page, 'MaxParts')).toBe('1000');
      expect(textOf(page, 'PartNumberMarker')).toBe(marker || '0');
      marker = textOf(page, 'IsTruncated') === 'true' ? textOf(page, 'NextPartNumberMarker') : '';
    } while (marker !== '');
    expect(pages).toBe(3);
    expect(numbers.map(Number)).toEqual(Array.from({ length: 2001 }, (_, i) => i + 1));
  });

  it('are listed from a marker, with ETag, size and time', () => {
    const obs = createFakeObs({ clockSkewMs: 0 });
    const uploadId = initiate(obs);
    for (const n of [3, 1, 7]) putPart(obs, uploadId, n, part(n));
    const page = list(obs, uploadId, '&max-parts=1&part-number-marker=1').body;
    expect(allOf(page, 'PartNumber')).toEqual(['3']);
    expect(allOf(page, 'Size')).toEqual(['3']);
    expect(textOf(page, 'ETag')).toBe(`&quot;${obs.partsOf(uploadId)[1]?.etag}&quot;`);
    expect(Math.abs(Date.parse(textOf(page, 'LastModified')) - obs.now())).toBeLessThan(60_000);
    expect(textOf(page, 'NextPartNumberMarker')).toBe('3');
    const last = list(obs, uploadId, '&part-number-marker=3').body;
    expect(textOf(last, 'IsTruncated')).toBe('false');
    expect(last).not.toContain('NextPartNumberMarker');
    expect(code(list(obs, uploadId, '&max-parts=many'))).toBe('400 InvalidArgument');
    expect(textOf(list(obs, uploadId, '&encoding-type=url').body, 'Key')).toBe('a.bin');
  });

  it('are deleted when the upload is aborted, which works only once', () => {
    const obs = createFakeObs();
    const uploadId = initiate(obs);
    putPart(obs, uploadId, 1, part(1));
    const abort = { method: 'DELETE', target: `a.bin?uploadId=${uploadId}` } as const;
    expect(call(obs, abort)).toMatchObject({ status: 204, body: '' });
    expect(code(call(obs, abort))).toBe('404 NoSuchUpload');
    expect(code(putPart(obs, uploadId, 1, part(1)))).toBe('404 NoSuchUpload');
    expect(obs.uploads()).toEqual([]);
  });

  it('belong to the right upload, whatever characters its id has', () => {
    const obs = createFakeObs({ uploadIds: (n) => `2~/?#&+ é${n}` });
    const first = initiate(obs);
    const second = initiate(obs);
    expect([first, second]).toEqual(['2~/?#&amp;+ é1', '2~/?#&amp;+ é2']);
    expect(putPart(obs, '2~/?#&+ é2', 1, part(1)).status).toBe(200);
    expect(obs.partsOf('2~/?#&+ é2')).toHaveLength(1);
  });
});

describe('digests of a body', () => {
  const body = new TextEncoder().encode('hello');
  const put = (headers: Record<string, string>): TransportResponse =>
    call(createFakeObs(), { method: 'PUT', target: 'k', headers, body });

  it('are compared with Content-MD5', () => {
    expect(put({ 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' }).status).toBe(200);
    expect(code(put({ 'content-md5': 'XUFAKrxLKna5cZ2REBfFkA==' }))).toBe('400 BadDigest');
    for (const wrong of ['5d41402abc4b2a76b9719d911017c592', 'XUFA', '']) {
      expect(code(put({ 'content-md5': wrong }))).toBe('400 InvalidDigest');
    }
  });

  it('are compared with x-amz-content-sha256', () => {
    const obs = createFakeObs();
    const url = 'https://media.obs.test/k';
    const send = (hash: string): TransportResponse => {
      const headers = signV4({ method: 'PUT', url, headers: { 'x-amz-content-sha256': hash } }, obs.credentials, {
        now: obs.now(),
      });
      return answerOf(obs.transport.send({ method: 'PUT', url, headers, body }));
    };
    expect(send('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824').status).toBe(200);
    expect(code(send('0'.repeat(64)))).toBe('400 XAmzContentSHA256Mismatch');
    expect(code(send('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'))).toBe('501 NotImplemented');
  });
});

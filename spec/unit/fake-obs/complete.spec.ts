import { createHash } from 'node:crypto';
import { createFakeObs, type FakeObs, type FakeObsOptions } from '../../../lib/testing/index.js';
import type { TransportResponse } from '../../../lib/ports/transport/transport.js';
import { readComplete } from '../../../lib/fake-obs/rules/read-complete.js';
import { call, complete, initiate, putPart, textOf } from '../testing/client.js';

const part = (size = 102_400, fill = 1): Uint8Array => new Uint8Array(size).fill(fill);

function code(response: TransportResponse): string {
  return `${response.status} ${textOf(response.body, 'Code')}`;
}

function uploadParts(
  sizes: readonly number[],
  options: FakeObsOptions = {},
): { obs: FakeObs; uploadId: string; etags: string[] } {
  const obs = createFakeObs(options);
  const uploadId = initiate(obs);
  const etags = sizes.map((size, i) => putPart(obs, uploadId, i + 1, part(size, i + 1)).headers.etag ?? '');
  return { obs, uploadId, etags };
}

describe('complete', () => {
  it('gives the object the MD5 of the binary MD5s as its ETag', () => {
    const { obs, uploadId, etags } = uploadParts([102_400, 102_400, 0]);
    const done = complete(
      obs,
      uploadId,
      etags.map((etag, i) => [i + 1, etag]),
    );
    const binary = etags.map((etag) => Buffer.from(etag.replace(/"/g, ''), 'hex'));
    const expected = `${createHash('md5').update(Buffer.concat(binary)).digest('hex')}-3`;
    expect(textOf(done.body, 'ETag')).toBe(`&quot;${expected}&quot;`);
    expect(textOf(done.body, 'Location')).toBe('https://media.obs.test/a.bin');
    expect(obs.object('a.bin')).toMatchObject({ etag: expected, size: 204_800, uploadId });
  });

  it('leaves out parts that are not listed', () => {
    const { obs, uploadId, etags } = uploadParts([102_400, 102_400, 102_400]);
    const chosen = [1, 3].map((n) => [n, etags[n - 1] ?? ''] as const);
    expect(complete(obs, uploadId, chosen).status).toBe(200);
    expect(obs.object('a.bin')?.bytes).toEqual(Uint8Array.from([...part(102_400, 1), ...part(102_400, 3)]));
  });

  it('accepts bare, quoted and escaped ETags', () => {
    for (const format of [
      (etag: string) => etag.replace(/"/g, ''),
      (etag: string) => etag.replace(/"/g, '&quot;'),
      (etag: string) => etag.replace(/"/g, '&#34;'),
    ]) {
      const { obs, uploadId, etags } = uploadParts([1]);
      expect(complete(obs, uploadId, [[1, format(etags[0] ?? '')]]).status).toBe(200);
    }
  });

  it('refuses a wrong order, unknown parts, wrong ETags and small parts, and does not end the upload', () => {
    const { obs, uploadId, etags } = uploadParts([102_400, 102_399, 5]);
    const [a = '', b = '', c = ''] = etags;
    expect(
      code(
        complete(obs, uploadId, [
          [2, b],
          [1, a],
        ]),
      ),
    ).toBe('400 InvalidPartOrder');
    expect(
      code(
        complete(obs, uploadId, [
          [1, a],
          [1, a],
        ]),
      ),
    ).toBe('400 InvalidPartOrder');
    expect(
      code(
        complete(obs, uploadId, [
          [1, a],
          [4, c],
        ]),
      ),
    ).toBe('400 InvalidPart');
    expect(code(complete(obs, uploadId, [[1, b]]))).toBe('400 InvalidPart');
    expect(code(complete(obs, uploadId, [[1, 'undefined']]))).toBe('400 InvalidPart');
    expect(
      code(
        complete(obs, uploadId, [
          [1, a],
          [2, b],
          [3, c],
        ]),
      ),
    ).toBe('400 EntityTooSmall');
    expect(code(complete(obs, uploadId, []))).toBe('400 MalformedXML');
    expect(obs.partsOf(uploadId)).toHaveLength(3);
    expect(
      complete(obs, uploadId, [
        [1, a],
        [3, c],
      ]).status,
    ).toBe(200);
  });

  it('has a configurable minimum part size', () => {
    const { obs, uploadId, etags } = uploadParts([3, 2], { minPartBytes: 3 });
    expect(
      complete(
        obs,
        uploadId,
        etags.map((etag, i) => [i + 1, etag]),
      ).status,
    ).toBe(200);
  });

  it('ends the upload', () => {
    const { obs, uploadId, etags } = uploadParts([1]);
    const [etag = ''] = etags;
    complete(obs, uploadId, [[1, etag]]);
    expect(obs.uploads()).toEqual([]);
    expect(code(complete(obs, uploadId, [[1, etag]]))).toBe('404 NoSuchUpload');
    const head = call(obs, { method: 'HEAD', target: 'a.bin' });
    expect(head.headers['x-obs-uploadid']).toBe(uploadId);
  });

  it('overwrites an object unless this is forbidden', () => {
    const { obs, uploadId, etags } = uploadParts([1]);
    const parts = [[1, etags[0] ?? '']] as const;
    const forbid = { 'x-obs-forbid-overwrite': 'true' };
    obs.putObject('media', 'a.bin', part(9));
    expect(code(complete(obs, uploadId, parts, 'a.bin', forbid))).toBe('409 ObjectAlreadyExists');
    expect(code(complete(obs, uploadId, parts, 'a.bin', { 'if-none-match': '*' }))).toBe('412 PreconditionFailed');
    obs.deleteObject('media', 'a.bin');
    expect(complete(obs, uploadId, parts, 'a.bin', forbid).status).toBe(200);
    // The first complete created the object, so a repeated one is refused.
    expect(code(complete(obs, uploadId, parts, 'a.bin', forbid))).toBe('409 ObjectAlreadyExists');
  });

  it('returns the response of the callback server', () => {
    const callback = {
      'x-obs-callback': Buffer.from('{"callbackUrl":"http://a.test;http://b.test","callbackBody":"k=v"}').toString(
        'base64',
      ),
    };
    const requests: unknown[] = [];
    const { obs, uploadId, etags } = uploadParts([1], {
      callback: (request) => {
        requests.push(request);
        return 'thanks';
      },
    });
    const parts = [[1, etags[0] ?? '']] as const;
    expect(code(complete(obs, uploadId, parts, 'a.bin', { 'x-obs-callback': 'e30=' }))).toBe('400 InvalidArgument');
    expect(code(complete(obs, uploadId, parts, 'a.bin', { 'x-obs-callback': '%%' }))).toBe('400 InvalidArgument');
    const done = complete(obs, uploadId, parts, 'a.bin', callback);
    expect(done).toMatchObject({ status: 200, body: 'thanks', headers: { etag: `"${obs.object('a.bin')?.etag}"` } });
    expect(requests).toEqual([{ urls: ['http://a.test', 'http://b.test'], body: 'k=v', host: null, bodyType: null }]);
    const failing = createFakeObs({ callback: () => null });
    const put = call(failing, { method: 'PUT', target: 'k', headers: callback, body: part(1) });
    expect(code(put)).toBe('203 CallbackFailed');
    expect(failing.object('k')?.size).toBe(1);
  });

  it('requires the SSE-C key for every part and for later requests', () => {
    const key = new Uint8Array(32).fill(7);
    const headersOf = (bytes: Uint8Array): Record<string, string> => ({
      'x-obs-server-side-encryption-customer-algorithm': 'AES256',
      'x-obs-server-side-encryption-customer-key': Buffer.from(bytes).toString('base64'),
      'x-obs-server-side-encryption-customer-key-md5': createHash('md5').update(bytes).digest('base64'),
    });
    const obs = createFakeObs();
    const uploadId = initiate(obs, 'k', headersOf(key));
    const put = (headers: Record<string, string>): TransportResponse =>
      call(obs, { method: 'PUT', target: `k?partNumber=1&uploadId=${uploadId}`, headers, body: part(4) });
    expect(code(put({}))).toBe('400 InvalidRequest');
    expect(code(put(headersOf(new Uint8Array(32))))).toBe('403 AccessDenied');
    expect(code(put({ ...headersOf(key), 'x-obs-server-side-encryption-customer-key-md5': 'x' }))).toBe(
      '400 InvalidArgument',
    );
    const { etag = '' } = put(headersOf(key)).headers;
    expect(etag).not.toBe(`"${createHash('md5').update(part(4)).digest('hex')}"`);
    expect(complete(obs, uploadId, [[1, etag]], 'k').status).toBe(200);
    expect(call(obs, { method: 'HEAD', target: 'k' }).status).toBe(400);
    expect(call(obs, { method: 'HEAD', target: 'k', headers: headersOf(key) }).status).toBe(200);
    expect(JSON.stringify(obs.log)).not.toContain(Buffer.from(key).toString('base64'));
  });
});

describe('readComplete', () => {
  const one = '<Part><PartNumber>1</PartNumber><ETag>"a"</ETag></Part>';

  it('reads namespaces, declarations, spaces and fields in any order', () => {
    const xml = `<?xml version="1.0"?>
      <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <Part> <ETag>&quot;b&#x63;&quot;</ETag> <ChecksumSHA1>x</ChecksumSHA1> <PartNumber> 12 </PartNumber> </Part>
      </CompleteMultipartUpload>
    `;
    expect(readComplete(xml)).toEqual([{ partNumber: 12, etag: 'bc' }]);
  });

  it.each([
    ['nothing', ''],
    ['no part', '<CompleteMultipartUpload></CompleteMultipartUpload>'],
    ['a different root', `<Complete>${one}</Complete>`],
    ['a missing end tag', `<CompleteMultipartUpload>${one}`],
    ['text between parts', `<CompleteMultipartUpload>${one}x${one}</CompleteMultipartUpload>`],
    ['an invalid number', `<CompleteMultipartUpload>${one.replace('>1<', '>one<')}</CompleteMultipartUpload>`],
    ['no ETag', '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>'],
    ['too many parts', `<CompleteMultipartUpload>${one.repeat(10_001)}</CompleteMultipartUpload>`],
    ['a document type', `<!DOCTYPE a [<!ENTITY b "c">]><CompleteMultipartUpload>${one}</CompleteMultipartUpload>`],
  ])('refuses %s', (_, xml) =>
    expect(() => readComplete(xml)).toThrow(expect.objectContaining({ code: 'MalformedXML' })),
  );
});

import { ServiceError } from 'rx-obs-upload';
import fc from 'fast-check';
import { completeMultipartUpload } from '../../../lib/protocol/operations/complete-multipart-upload.js';
import { obsDialect } from '../../../lib/protocol/dialect.js';
import { compositeEtag } from '../../../lib/protocol/response/etag.js';
import { initiateMultipartUpload } from '../../../lib/protocol/operations/initiate-multipart-upload.js';
import { listMultipartUploads } from '../../../lib/protocol/operations/list-multipart-uploads.js';
import { listParts } from '../../../lib/protocol/operations/list-parts.js';
import { headObject } from '../../../lib/protocol/operations/head-object.js';
import { putObject } from '../../../lib/protocol/operations/put-object.js';
import { isSuccess, serviceErrorOf, type ResponseContext } from '../../../lib/protocol/response/response.js';
import { uploadPart } from '../../../lib/protocol/operations/upload-part.js';
import type { TransportResponse } from '../../../lib/ports/transport/transport.js';

const context: ResponseContext = { operation: 'listParts', partNumber: null, now: Date.parse('2026-01-02T03:04:05Z') };

const upload = { bucket: 'media', key: 'a', uploadId: 'u' };
const callback = { url: 'https://app.test', body: 'b' };
const body = new Uint8Array();
const { read: readInitiateMultipartUpload } = initiateMultipartUpload(upload, obsDialect);
const { read: readListParts } = listParts(upload);
const { read: readListMultipartUploads } = listMultipartUploads(upload, obsDialect);
const { read: readUploadPart } = uploadPart({ ...upload, partNumber: 1, body }, obsDialect);
const { read: readPutObject } = putObject({ ...upload, body }, obsDialect);
const { read: readHeadObject } = headObject(upload, obsDialect);
const completed = completeMultipartUpload({ ...upload, parts: [] }, obsDialect);
const calledBack = completeMultipartUpload({ ...upload, parts: [], object: { callback } }, obsDialect);

function responseOf(body: string, status = 200, headers: Record<string, string> = {}): TransportResponse {
  return { status, headers, body };
}

describe('reading a response', () => {
  it('reads a 32-digit upload id as text, with a namespace and entities', () => {
    const body =
      '<?xml version="1.0" encoding="UTF-8"?><InitiateMultipartUploadResult xmlns="http://obs.region.myhuaweicloud.com/doc/2015-06-30/">' +
      '<Bucket>b</Bucket><Key>k</Key><UploadId>00000123456789012345678901234567</UploadId></InitiateMultipartUploadResult>';
    expect(readInitiateMultipartUpload(responseOf(body), context)).toEqual({
      uploadId: '00000123456789012345678901234567',
    });
    expect(readInitiateMultipartUpload(responseOf(body.replace(/0{5}\d+/, '2~a&amp;b&#47;&#x4e2d;')), context)).toEqual(
      {
        uploadId: '2~a&b/中',
      },
    );
  });

  it('decodes the quotes that AWS writes into ETags, of one part or many', () => {
    const part = (n: number): string =>
      `<Part><PartNumber>${n}</PartNumber><ETag>&quot;e${n}&quot;</ETag><Size>5</Size></Part>`;
    const list = (parts: string, rest = ''): string =>
      `<ListPartsResult><IsTruncated>${rest ? 'true' : 'false'}</IsTruncated>${rest}${parts}</ListPartsResult>`;
    expect(readListParts(responseOf(list(part(1))), context)).toEqual({
      parts: [{ partNumber: 1, size: 5, etag: 'e1' }],
      nextPartNumberMarker: null,
    });
    const two = list(part(1) + part(2), '<NextPartNumberMarker>2</NextPartNumberMarker>');
    expect(readListParts(responseOf(two), context)).toMatchObject({ nextPartNumberMarker: 2, parts: [{}, {}] });
    expect(readListParts(responseOf(list('')), context).parts).toEqual([]);
  });

  it('reads keys without URL decoding, as S3 sends them, but decodes XML references', () => {
    const body =
      '<ListMultipartUploadsResult><NextKeyMarker>100%25</NextKeyMarker><IsTruncated>false</IsTruncated>' +
      '<Upload><Key>a+&lt;&#x01;&#x0d; 中</Key><UploadId>1</UploadId></Upload>' +
      '<Upload><Key>100%25</Key><UploadId>2</UploadId></Upload></ListMultipartUploadsResult>';
    const { uploads } = readListMultipartUploads(responseOf(body), context);
    expect(uploads.map(({ key }) => key)).toEqual(['a+<\u0001\r 中', '100%25']);
  });

  it('decodes keys if the service declares them as encoded', () => {
    const body =
      '<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>' +
      '<Upload><Key>a+b%20c%2Bd</Key><UploadId>u</UploadId></Upload></ListMultipartUploadsResult>';
    expect(readListMultipartUploads(responseOf(body), context).uploads).toMatchObject([
      { key: 'a b c+d', uploadId: 'u' },
    ]);
  });

  it.each([
    ['a web page', '<!doctype html><title>Sign in</title>'],
    ['JSON', '{"ok":true}'],
    ['an empty body', ''],
    ['another document', '<Other/>'],
    ['broken XML', '<a<a<a'],
    ['an unclosed tag', '<ListPartsResult><Part>'],
    ['parts without numbers', '<ListPartsResult><Part><Size>1</Size></Part></ListPartsResult>'],
    [
      'a truncated page that does not say where it continues',
      '<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>',
    ],
  ])('refuses %s', (_, body) => {
    const read = (): unknown => readListParts(responseOf(body), context);
    expect(read).toThrow(ServiceError);
    expect(read).toThrow(expect.objectContaining({ code: 'bad-response', retryable: true }));
  });

  it('treats a 200 with an Error as that error', () => {
    const body = '<Error><Code>InternalError</Code><Message>Try again.</Message></Error>';
    expect(() => completed.read(responseOf(body), context)).toThrow(
      expect.objectContaining({ serviceCode: 'InternalError', retryable: true }),
    );
    expect(() => readUploadPart(responseOf(body), context)).toThrow(
      expect.objectContaining({ serviceCode: 'InternalError' }),
    );
  });

  it('refuses a web page as the response to a part', () => {
    expect(() => readUploadPart(responseOf('<html>Sign in</html>', 200, { etag: '"x"' }), context)).toThrow(
      ServiceError,
    );
  });

  it.each([
    ['7', 7000],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
    ['soon', null],
  ])('reads Retry-After: %s', (value, ms) => {
    expect(serviceErrorOf(responseOf('', 503, { 'retry-after': value }), context).retryAfterMs).toBe(ms);
  });

  it.each([
    [400, 'RequestTimeout', true],
    [400, 'BadDigest', true],
    [400, 'XAmzContentChecksumMismatch', true],
    [400, 'XAmzContentSHA256Mismatch', true],
    [409, 'OperationAborted', true],
    [409, 'BucketNotEmpty', false],
    [429, null, true],
    [500, null, true],
    [520, null, true],
    [524, null, true],
    [530, null, true],
    [599, null, true],
    [507, 'XMinioStorageFull', true],
    [501, 'NotImplemented', false],
    [409, 'ConditionalRequestConflict', true],
    [409, 'ConcurrentModification', true],
    [409, null, false],
    [503, 'SlowDown', true],
    [403, 'AccessDenied', false],
    [418, null, false],
    [301, 'PermanentRedirect', false],
  ])('decides whether an error is retryable: %i %s', (status, code, retryable) => {
    const body = code === null ? '' : `<Error><Code>${code}</Code></Error>`;
    expect(serviceErrorOf(responseOf(body, status), context)).toMatchObject({ status, serviceCode: code, retryable });
  });

  it('never repeats a signature or a token that the service quotes', () => {
    const body =
      '<Error><Code>SignatureDoesNotMatch</Code><Message>Bad Signature=abc123secret; x-obs-security-token: tok456 in request</Message>' +
      '<StringToSign>PUT secret</StringToSign></Error>';
    const { message } = serviceErrorOf(responseOf(body, 403), context);
    expect(message).not.toMatch(/abc123secret|tok456|PUT secret/);
  });

  it('does not pollute prototypes or expand entities', () => {
    const body =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Error><__proto__><polluted>1</polluted></__proto__>' +
      '<constructor><prototype><polluted>1</polluted></prototype></constructor><Code>&b;</Code></Error>';
    const error = serviceErrorOf(responseOf(body, 400), context);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(error.serviceCode).toBeNull();
  });

  it('returns a result or throws a ServiceError, whatever the response', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      '&',
      ';',
      '"',
      '<Part>',
      '</Part>',
      '<ETag>',
      '&#x41;',
      '&#99999999;',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '<ListPartsResult>',
      '</ListPartsResult>',
      '<Error>',
      '<Code>',
      'true',
      '1',
      '\u0000',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), fc.integer({ min: 200, max: 599 }), (body, status) => {
        const response = responseOf(body.join(''), status);
        for (const read of [readListParts, readInitiateMultipartUpload, readListMultipartUploads, readUploadPart]) {
          try {
            read(response, context);
          } catch (error) {
            expect(error).toBeInstanceOf(ServiceError);
          }
        }
        expect(serviceErrorOf(response, context)).toBeInstanceOf(ServiceError);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('compositeEtag', () => {
  it('is the MD5 of the MD5s in ascending order, with their number', () => {
    const part = (partNumber: number, etag: string) => ({ partNumber, size: 1, etag });
    const parts = [part(2, '0c78aef83f66abc1fa1e8477f296d394'), part(1, 'b54357faf0632cce46e942fa68356b38')];
    expect(compositeEtag(parts)).toBe('6f8a7b82279e463eae59c5d837640165-2');
    expect(compositeEtag([part(1, 'not an md5')])).toBeNull();
  });
});

describe('a list of parts', () => {
  const page = (rest: string): ReturnType<typeof readListParts> =>
    readListParts(
      responseOf(`<ListPartsResult>${rest}<Part><PartNumber>7</PartNumber><Size>5</Size></Part></ListPartsResult>`),
      context,
    );

  it.each([
    ['missing', ''],
    ['empty', '<NextPartNumberMarker/>'],
    ['zero', '<NextPartNumberMarker>0</NextPartNumberMarker>'],
    ['not a number', '<NextPartNumberMarker>null</NextPartNumberMarker>'],
    ['less than the last part number', '<NextPartNumberMarker>3</NextPartNumberMarker>'],
  ])('continues after its last part if the marker is %s', (_, marker) => {
    for (const truncated of ['true', 'True', 'TRUE']) {
      expect(page(`<IsTruncated>${truncated}</IsTruncated>${marker}`).nextPartNumberMarker).toBe(7);
    }
    expect(page(`<IsTruncated>False</IsTruncated>${marker}`).nextPartNumberMarker).toBeNull();
  });

  it.each(['', '0x1', '1e1', '-1', '+1', '0', '10001'])('refuses part number %p', (number) => {
    const body = `<ListPartsResult><Part><PartNumber>${number}</PartNumber><Size>5</Size></Part></ListPartsResult>`;
    expect(() => readListParts(responseOf(body), context)).toThrow(expect.objectContaining({ code: 'bad-response' }));
  });

  it.each(['', '0x1', '1e1', '-1', '+1', '5368709121'])('refuses size %p', (size) => {
    const body = `<ListPartsResult><Part><PartNumber>1</PartNumber><Size>${size}</Size></Part></ListPartsResult>`;
    expect(() => readListParts(responseOf(body), context)).toThrow(expect.objectContaining({ code: 'bad-response' }));
  });

  it('does not blame a login page for a truncated page without entries or marker', () => {
    const body = '<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>';
    expect(() => readListParts(responseOf(body), context)).toThrow(/neither entries nor a marker/);
  });
});

describe('a list of uploads', () => {
  it('continues after its last upload if the markers are not usable', () => {
    const list = (rest: string): string =>
      `<ListMultipartUploadsResult><IsTruncated>True</IsTruncated>${rest}</ListMultipartUploadsResult>`;
    const upload =
      '<Upload><Key>a</Key><UploadId>1</UploadId></Upload><Upload><Key>b</Key><UploadId>2</UploadId></Upload>';
    for (const marker of ['', '<NextKeyMarker/><NextUploadIdMarker/>', '<NextKeyMarker>b</NextKeyMarker>']) {
      const { nextMarker } = readListMultipartUploads(responseOf(list(marker + upload)), context);
      expect(nextMarker).toEqual({ key: 'b', uploadId: '2' });
    }
    expect(() => readListMultipartUploads(responseOf(list('')), context)).toThrow(
      expect.objectContaining({ code: 'bad-response' }),
    );
  });
});

describe('the response to an initiate', () => {
  it.each([
    ['an entity', '<InitiateMultipartUploadResult><UploadId>&a19;</UploadId></InitiateMultipartUploadResult>'],
    [
      'a document type',
      '<!DOCTYPE x><InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>',
    ],
    ['a truncated document', '<InitiateMultipartUploadResult><UploadId>1</UploadId>'],
    [
      'two ids',
      '<InitiateMultipartUploadResult><UploadId>1</UploadId><UploadId>2</UploadId></InitiateMultipartUploadResult>',
    ],
    ['no id', '<InitiateMultipartUploadResult><UploadId> </UploadId></InitiateMultipartUploadResult>'],
    [
      'an id that is too long for a checkpoint',
      `<InitiateMultipartUploadResult><UploadId>${'1'.repeat(5000)}</UploadId></InitiateMultipartUploadResult>`,
    ],
  ])('is invalid with %s', (_, body) => {
    expect(() => readInitiateMultipartUpload(responseOf(body), context)).toThrow(
      expect.objectContaining({ code: 'bad-response' }),
    );
  });
});

describe('a refused digest', () => {
  const body = '<Error><Code>BadDigest</Code><Message>The CRC32 you specified did not match.</Message></Error>';
  const url = 'https://h/k';

  it('is retryable if a Content-MD5 was sent, as the bytes were damaged in transit', () => {
    for (const sent of [{ url, headers: { 'Content-MD5': 'x' } }, undefined]) {
      const at = sent === undefined ? context : { ...context, sent };
      expect(serviceErrorOf(responseOf(body, 400), at).retryable).toBe(true);
    }
  });

  it('is final if no Content-MD5 was sent, and the error names the option of the presigner', () => {
    const error = serviceErrorOf(responseOf(body, 400), { ...context, sent: { url, headers: {} } });
    expect(error.retryable).toBe(false);
    expect(error.message).toContain("requestChecksumCalculation: 'WHEN_REQUIRED'");
  });
});

describe('a success', () => {
  it.each([
    [{ etag: '"x"' }, true],
    [{ 'x-obs-request-id': '1' }, true],
    [{ 'x-amz-request-id': '1' }, true],
    [{ 'x-amz-id-2': '1' }, true],
    [{ 'x-obs-id-2': '1' }, true],
    [{ etag: '' }, false],
    [{ server: 'box', 'content-length': '0' }, false],
  ])('with the headers %p is marked as a response of the service: %p', (headers: Record<string, string>, isMarked) => {
    const response = responseOf('', 200, headers);
    expect(readPutObject(response, context)).toMatchObject({ isMarked });
    expect(readUploadPart(response, context)).toMatchObject({ isMarked });
    expect(readHeadObject(response, context)).toMatchObject({ isMarked });
    expect(calledBack.read(response, context)).toMatchObject({ isMarked });
  });

  it('is never a redirected response', () => {
    expect(isSuccess(responseOf(''))).toBe(true);
    expect(isSuccess({ ...responseOf(''), redirected: true })).toBe(false);
    expect(serviceErrorOf({ ...responseOf('', 0), redirected: true }, context)).toMatchObject({
      retryable: false,
      message: expect.stringContaining('redirected') as unknown,
    });
  });
});

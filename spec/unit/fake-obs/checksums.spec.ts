import { createHash } from 'node:crypto';
import { createFakeObs, type FakeObs } from '../../../lib/testing/index.js';
import type { TransportResponse } from '../../../lib/ports/transport/transport.js';
import { answerOf, call, complete, initiate, textOf } from '../testing/client.js';
import { signV4 } from './sign.js';

/** The check string of the CRC catalogue, whose checksums are published. */
const body = new TextEncoder().encode('123456789');
const CRC64_ECMA = BigInt('0x995dc9bbdf1939fa').toString();
const CRC64_NVME = Buffer.from('ae8b14860a799888', 'hex').toString('base64');
const CRC32C = Buffer.from('e3069283', 'hex').toString('base64');

const code = ({ status, body: text }: TransportResponse): string => `${status} ${textOf(text, 'Code')}`.trim();

function v4(
  obs: FakeObs,
  method: 'PUT' | 'POST' | 'HEAD' | 'GET',
  target: string,
  headers: Readonly<Record<string, string>> = {},
  content: Uint8Array | null = null,
): TransportResponse {
  const url = `${obs.server.replace('://', `://${obs.bucket}.`)}/${target}`;
  const unsigned = { method, url, headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers } };
  const signed = signV4(unsigned, obs.credentials, { now: obs.now(), bucket: obs.bucket });
  return answerOf(obs.transport.send({ method, url, headers: signed, body: content }));
}

describe('CRC-64 of OBS', () => {
  const header = 'x-obs-checksum-crc64ecma';
  const put = (value: string): [FakeObs, TransportResponse] => {
    const obs = createFakeObs();
    return [obs, call(obs, { method: 'PUT', target: 'a.bin', headers: { [header]: value }, body })];
  };

  it('is checked, and returned by PUT and HEAD', () => {
    const [obs, response] = put(CRC64_ECMA);
    expect(response).toMatchObject({ status: 200, headers: { [header]: CRC64_ECMA } });
    expect(call(obs, { method: 'HEAD', target: 'a.bin' }).headers[header]).toBe(CRC64_ECMA);
  });

  it.each([
    ['a wrong value', '1', '400 BadDigest'],
    ['65 bits', '18446744073709551616', '400 InvalidRequest'],
    ['hexadecimal digits', '995dc9bbdf1939fa', '400 InvalidRequest'],
  ])('is refused if invalid: %s', (_, value, expected) => {
    const [obs, response] = put(value);
    expect(code(response)).toBe(expected);
    expect(obs.object('a.bin')).toBeNull();
  });

  it.each([
    ['a matching value', CRC64_ECMA, '200'],
    ['a wrong value', '1', '400 BadDigest'],
  ])('is checked by complete: %s', (_, value, expected) => {
    const obs = createFakeObs();
    const uploadId = initiate(obs);
    const target = `a.bin?partNumber=1&uploadId=${uploadId}`;
    const part = call(obs, { method: 'PUT', target, headers: { [header]: CRC64_ECMA }, body });
    expect(part.headers[header]).toBe(CRC64_ECMA);
    const response = complete(obs, uploadId, [[1, part.headers.etag ?? '']], 'a.bin', { [header]: value });
    expect(code(response)).toBe(expected);
    if (expected === '200') expect(response.headers[header]).toBe(CRC64_ECMA);
  });
});

describe('checksums of S3', () => {
  const initiated = (algorithm: string, type: string): [FakeObs, TransportResponse] => {
    const obs = createFakeObs();
    const headers = { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type };
    return [obs, v4(obs, 'POST', 'a.bin?uploads', headers)];
  };
  const sendPart = (obs: FakeObs, response: TransportResponse, headers: Readonly<Record<string, string>>) =>
    v4(obs, 'PUT', `a.bin?partNumber=1&uploadId=${textOf(response.body, 'UploadId')}`, headers, body);

  it('must have a type that their algorithm supports', () => {
    expect(code(initiated('CRC64NVME', 'COMPOSITE')[1])).toBe('400 InvalidRequest');
    expect(code(initiated('SHA256', 'FULL_OBJECT')[1])).toBe('400 InvalidRequest');
    expect(code(initiated('CRC64NVME', 'FULL_OBJECT')[1])).toBe('200');
    const obs = createFakeObs();
    const untyped = v4(obs, 'POST', 'a.bin?uploads', { 'x-amz-checksum-algorithm': 'CRC64NVME' });
    expect(code(untyped)).toBe('200');
  });

  it('of a part must use the announced algorithm', () => {
    const [obs, response] = initiated('CRC32C', 'COMPOSITE');
    expect(code(sendPart(obs, response, {}))).toBe('400 InvalidRequest');
    expect(code(sendPart(obs, response, { 'x-amz-checksum-crc64nvme': CRC64_NVME }))).toBe('400 InvalidRequest');
    expect(code(sendPart(obs, response, { 'x-amz-checksum-crc32c': CRC64_NVME }))).toBe('400 InvalidRequest');
    expect(sendPart(obs, response, { 'x-amz-checksum-crc32c': CRC32C }).headers['x-amz-checksum-crc32c']).toBe(CRC32C);
    const list = v4(obs, 'GET', `a.bin?uploadId=${textOf(response.body, 'UploadId')}`);
    expect(textOf(list.body, 'ChecksumCRC32C')).toBe(CRC32C);
  });

  it('of the parts must be listed by complete', () => {
    const [obs, response] = initiated('CRC32C', 'COMPOSITE');
    const etag = sendPart(obs, response, { 'x-amz-checksum-crc32c': CRC32C }).headers.etag ?? '';
    const finish = (checksum: string): string => {
      const xml = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag>${checksum}</Part></CompleteMultipartUpload>`;
      const target = `a.bin?uploadId=${textOf(response.body, 'UploadId')}`;
      return code(v4(obs, 'POST', target, { 'content-type': 'application/xml' }, new TextEncoder().encode(xml)));
    };
    expect(finish('')).toBe('400 InvalidRequest');
    expect(finish('<ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>')).toBe('400 InvalidPart');
    expect(finish(`<ChecksumCRC32C>${CRC32C}</ChecksumCRC32C>`)).toBe('200');
    // The CRC-32C of the 4 bytes of the part's CRC-32C.
    const head = v4(obs, 'HEAD', 'a.bin', { 'x-amz-checksum-mode': 'ENABLED' });
    expect(head.headers['x-amz-checksum-crc32c']).toBe('pzJFoA==-1');
  });

  it('are returned by HEAD only on request', () => {
    const obs = createFakeObs();
    v4(obs, 'PUT', 'a.bin', { 'x-amz-checksum-crc64nvme': CRC64_NVME }, body);
    expect(v4(obs, 'HEAD', 'a.bin').headers).not.toHaveProperty('x-amz-checksum-crc64nvme');
    const head = v4(obs, 'HEAD', 'a.bin', { 'x-amz-checksum-mode': 'ENABLED' });
    expect(head.headers['x-amz-checksum-crc64nvme']).toBe(CRC64_NVME);
  });

  it('are limited to one per request', () => {
    const obs = createFakeObs();
    const both = { 'x-amz-checksum-crc64nvme': CRC64_NVME, 'x-amz-checksum-crc32c': CRC32C };
    expect(code(v4(obs, 'PUT', 'a.bin', both, body))).toBe('400 InvalidRequest');
  });

  it('are complemented by the size of the object, which is checked', () => {
    const obs = createFakeObs();
    const response = v4(obs, 'POST', 'a.bin?uploads');
    const uploadId = textOf(response.body, 'UploadId');
    const etag = v4(obs, 'PUT', `a.bin?partNumber=1&uploadId=${uploadId}`, {}, body).headers.etag ?? '';
    const finish = (size: number): string => {
      const xml = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
      const headers = { 'content-type': 'application/xml', 'x-amz-mp-object-size': String(size) };
      return code(v4(obs, 'POST', `a.bin?uploadId=${uploadId}`, headers, new TextEncoder().encode(xml)));
    };
    expect(finish(8)).toBe('400 InvalidRequest');
    expect(finish(9)).toBe('200');
  });

  it.each([
    ['needs', 'CRC32C', '400 InvalidRequest'],
    ['does not need', null, '200'],
  ])('complete %s the key of SSE-C with the checksum %s, and always checks it', (_, algorithm, withoutKey) => {
    const keyHeaders = (fill: number): Record<string, string> => {
      const key = new Uint8Array(32).fill(fill);
      return {
        'x-amz-server-side-encryption-customer-algorithm': 'AES256',
        'x-amz-server-side-encryption-customer-key': Buffer.from(key).toString('base64'),
        'x-amz-server-side-encryption-customer-key-md5': createHash('md5').update(key).digest('base64'),
      };
    };
    const finish = (sent: Record<string, string>): string => {
      const obs = createFakeObs();
      const announced = algorithm === null ? {} : { 'x-amz-checksum-algorithm': algorithm };
      const uploadId = textOf(v4(obs, 'POST', 'a.bin?uploads', { ...announced, ...keyHeaders(1) }).body, 'UploadId');
      const checksum = algorithm === null ? {} : { 'x-amz-checksum-crc32c': CRC32C };
      const part = v4(obs, 'PUT', `a.bin?partNumber=1&uploadId=${uploadId}`, { ...checksum, ...keyHeaders(1) }, body);
      const listed = algorithm === null ? '' : `<ChecksumCRC32C>${CRC32C}</ChecksumCRC32C>`;
      const xml = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag>${listed}</Part></CompleteMultipartUpload>`;
      const headers = { 'content-type': 'application/xml', ...sent };
      return code(v4(obs, 'POST', `a.bin?uploadId=${uploadId}`, headers, new TextEncoder().encode(xml)));
    };
    expect(finish({})).toBe(withoutKey);
    expect(finish(keyHeaders(2))).toBe('403 AccessDenied');
    expect(finish(keyHeaders(1))).toBe('200');
  });
});

describe('a traffic limit', () => {
  it.each(['819199', '838860801', '1e6', 'fast'])('of %s is refused', (value) => {
    const obs = createFakeObs();
    const headers = { 'x-obs-traffic-limit': value };
    expect(code(call(obs, { method: 'PUT', target: 'a.bin', headers, body }))).toBe('400 InvalidArgument');
  });
});

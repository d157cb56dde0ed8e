import { createChunkReader } from '../../../../lib/fake-obs/request/aws-chunked.js';
import { createFakeObs, type FakeObs } from '../../../../lib/testing/index.js';
import { answerOf, textOf } from '../../testing/client.js';
import { signV4 } from '../sign.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const CRC32 = Buffer.from('cbf43926', 'hex').toString('base64');
const CRC32C = Buffer.from('e3069283', 'hex').toString('base64');
const completeBody = `5\r\n12345\r\n4\r\n6789\r\n0\r\nx-amz-checksum-crc32:${CRC32}\r\n\r\n`;

describe('createChunkReader', () => {
  it.each([1, 2, 7, 1000])('parses chunks that arrive in pieces of %i bytes', (step) => {
    const reader = createChunkReader();
    const bytes = bytesOf(completeBody);
    let content = '';
    for (let at = 0; at < bytes.length; at += step) {
      expect(reader.trailers()).toBeNull();
      for (const piece of reader.update(bytes.subarray(at, at + step))) content += new TextDecoder().decode(piece);
    }
    expect(content).toBe('123456789');
    expect(reader.trailers()).toEqual({ 'x-amz-checksum-crc32': CRC32 });
  });

  it.each(['', 'x\r\n', '-1\r\n', '5\r\n123456\r\n0\r\n\r\n', '5\r\n12345\r\n', '0\r\n', '0\r\nno colon\r\n\r\n'])(
    'returns no trailers for %j',
    (text) => {
      const reader = createChunkReader();
      reader.update(bytesOf(text));
      expect(reader.trailers()).toBeNull();
    },
  );

  it('accepts a line of any length without buffering it', () => {
    const reader = createChunkReader();
    reader.update(new Uint8Array(1_000_000).fill(48));
    expect(reader.trailers()).toBeNull();
  });
});

describe('a body in chunks with a trailer', () => {
  const chunked = (content: string): Record<string, string> => ({
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': String(content.length),
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'content-encoding': 'gzip,aws-chunked',
  });
  const put = (text: string, headers: Readonly<Record<string, string>>): [FakeObs, ReturnType<typeof send>] => {
    const obs = createFakeObs();
    return [obs, send(obs, 'PUT', headers, bytesOf(text))];
  };
  const send = (
    obs: FakeObs,
    method: 'PUT' | 'HEAD',
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | null,
  ) => {
    const url = `${obs.server.replace('://', `://${obs.bucket}.`)}/a.bin`;
    const signed = signV4({ method, url, headers }, obs.credentials, { now: obs.now(), bucket: obs.bucket });
    return answerOf(obs.transport.send({ method, url, headers: signed, body }));
  };
  const code = ({ status, body }: ReturnType<typeof send>): string => `${status} ${textOf(body, 'Code')}`.trim();

  it('is stored without chunk framing and encoding, and with its checksum', () => {
    const [obs, response] = put(completeBody, chunked('123456789'));
    expect(code(response)).toBe('200');
    expect(response.headers['x-amz-checksum-crc32']).toBe(CRC32);
    expect(obs.object('a.bin')?.bytes).toEqual(bytesOf('123456789'));
    const headHeaders = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'x-amz-checksum-mode': 'ENABLED' };
    const head = send(obs, 'HEAD', headHeaders, null);
    expect(head.headers).toMatchObject({ 'content-encoding': 'gzip', 'x-amz-checksum-crc32': CRC32 });
  });

  it.each([
    ['a wrong checksum', completeBody.replace(CRC32, CRC32C), {}, '400 BadDigest'],
    ['a wrong length', completeBody, { 'x-amz-decoded-content-length': '8' }, '400 IncompleteBody'],
    ['no length', completeBody, { 'x-amz-decoded-content-length': '' }, '411 MissingContentLength'],
    ['a missing end', completeBody.slice(0, -2), {}, '400 IncompleteBody'],
    ['a different trailer', completeBody.replace('crc32:', 'crc32c:'), {}, '400 MalformedTrailerError'],
    ['an unknown trailer', completeBody, { 'x-amz-trailer': 'x-amz-checksum-md4' }, '400 InvalidRequest'],
    ['two checksums', completeBody, { 'x-amz-checksum-crc32c': CRC32C }, '400 InvalidRequest'],
    [
      'signed chunks',
      completeBody,
      { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
      '501 NotImplemented',
    ],
  ])('is refused with %s', (_, text, headers, expected) => {
    const [obs, response] = put(text, { ...chunked('123456789'), ...headers });
    expect(code(response)).toBe(expected);
    expect(obs.object('a.bin')).toBeNull();
  });
});

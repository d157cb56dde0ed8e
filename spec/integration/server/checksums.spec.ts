import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { signV4 } from '../../unit/fake-obs/sign.js';
import { complete, http, initiate, keys, useDirectory } from './client.js';

const directory = useDirectory();
const { start: startServer } = directory;
const header = 'x-obs-checksum-crc64ecma';
const body = Buffer.from('123456789');
const CRC64_ECMA = BigInt('0x995dc9bbdf1939fa').toString();

describe('request bodies of the local OBS', () => {
  it('are verified with their checksums, which are stored with parts and objects', async () => {
    const first = await startServer();
    const uploadId = await initiate(first.port, '/media/a.bin');
    const target = `/media/a.bin?partNumber=1&uploadId=${uploadId}`;
    const wrong = await http(first.port, { method: 'PUT', target, headers: { [header]: '1' }, body });
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('BadDigest')]);
    const part = await http(first.port, { method: 'PUT', target, headers: { [header]: CRC64_ECMA }, body });
    expect(part.headers[header]).toBe(CRC64_ECMA);
    await first.close();

    const second = await startServer();
    const completed = await complete(second.port, '/media/a.bin', uploadId, [part.headers.etag ?? '']);
    expect([completed.status, completed.headers[header]]).toEqual([200, CRC64_ECMA]);
    await second.close();

    const third = await startServer();
    const head = await http(third.port, { method: 'HEAD', target: '/media/a.bin' });
    expect(head.headers[header]).toBe(CRC64_ECMA);
  });

  it('can be chunked, and are verified with a checksum in the trailer', async () => {
    const { port, fileOf } = await startServer();
    const send = (trailer: string): ReturnType<typeof http> => {
      const target = '/media/a.bin';
      const headers = {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '9',
        'x-amz-trailer': 'x-amz-checksum-crc32',
        'content-encoding': 'aws-chunked',
      };
      const unsigned = { method: 'PUT', url: `http://127.0.0.1:${port}${target}`, headers };
      const signed = signV4(unsigned, keys, { now: Date.now() });
      const text = `4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:${trailer}\r\n\r\n`;
      const chunks = Readable.from([Buffer.from(text.slice(0, 5)), Buffer.from(text.slice(5))]);
      return http(port, { method: 'PUT', target, headers: signed, body: chunks, unsigned: true });
    };
    expect((await send('AAAAAA==')).text).toContain('BadDigest');
    expect(fileOf('media', 'a.bin')).toBeNull();
    const right = await send('y/Q5Jg==');
    expect([right.status, right.headers['x-amz-checksum-crc32']]).toEqual([200, 'y/Q5Jg==']);
    expect(await readFile(fileOf('media', 'a.bin') ?? '', 'utf8')).toBe('123456789');
  });

  it('ignore x-amz-decoded-content-length if they are not chunked', async () => {
    const { port, log } = await startServer();
    const headers = { 'x-amz-decoded-content-length': '1' };
    const put = await http(port, { method: 'PUT', target: '/media/a.bin', headers, body });
    expect(put.status).toBe(200);
    expect(log.entries.at(-1)).toMatchObject({ operation: 'putObject', size: 9 });
  });

  it('are received no faster than their traffic limit', async () => {
    const { port } = await startServer();
    const headers = { 'x-obs-traffic-limit': '819200' };
    const startedAt = performance.now();
    const put = await http(port, { method: 'PUT', target: '/media/a.bin', headers, body: Buffer.alloc(51_200) });
    expect(put.status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(400);
  });
});

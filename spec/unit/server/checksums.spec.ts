import { createObsServer, type ObsServer } from '../../../lib/server/index.js';
import { complete, http, initiate, keys, useDirectory } from './client.js';

const directory = useDirectory();
const header = 'x-obs-checksum-crc64ecma';
const body = Buffer.from('123456789');
const CRC64_ECMA = BigInt('0x995dc9bbdf1939fa').toString();

async function server(): Promise<ObsServer> {
  return directory.closeLater(await createObsServer({ directory: directory.path, port: 0, credentials: keys }));
}

describe('checksums of the local OBS', () => {
  it('are checked while a body comes in, and outlive the process: of a part and of an object', async () => {
    const first = await server();
    const uploadId = await initiate(first.port, '/media/a.bin');
    const target = `/media/a.bin?partNumber=1&uploadId=${uploadId}`;
    const wrong = await http(first.port, { method: 'PUT', target, headers: { [header]: '1' }, body });
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('BadDigest')]);
    const part = await http(first.port, { method: 'PUT', target, headers: { [header]: CRC64_ECMA }, body });
    expect(part.headers[header]).toBe(CRC64_ECMA);
    await first.close();

    const second = await server();
    const completed = await complete(second.port, '/media/a.bin', uploadId, [part.headers.etag ?? '']);
    expect([completed.status, completed.headers[header]]).toEqual([200, CRC64_ECMA]);
    await second.close();

    const third = await server();
    const head = await http(third.port, { method: 'HEAD', target: '/media/a.bin' });
    expect(head.headers[header]).toBe(CRC64_ECMA);
  });

  it('takes a body no faster than its traffic limit', async () => {
    const { port } = await server();
    const headers = { 'x-obs-traffic-limit': '819200' };
    const startedAt = performance.now();
    const put = await http(port, { method: 'PUT', target: '/media/a.bin', headers, body: Buffer.alloc(51_200) });
    expect(put.status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(400);
  });
});

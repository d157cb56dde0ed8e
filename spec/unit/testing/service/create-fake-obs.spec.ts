import { createHash } from 'node:crypto';
import { bytesOf, createFakeObs, fakeSource } from '../../../../lib/testing/index.js';
import type { RequestBody } from '../../../../lib/ports/transport/transport.js';
import { allOf, call, complete, initiate, putPart, textOf } from '../client.js';

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

describe('createFakeObs', () => {
  it('creates an object from parts, whatever order they arrive in', () => {
    const obs = createFakeObs();
    const file = fakeSource({ size: 250_000 });
    const uploadId = initiate(obs, 'dir/a.bin', { 'content-type': 'video/mp4', 'x-obs-meta-owner': 'me' });
    const slice = (n: number): RequestBody => file.slice(102_400 * (n - 1), Math.min(102_400 * n, file.size));
    for (const n of [3, 1, 2]) {
      expect(putPart(obs, uploadId, n, slice(n), 'dir/a.bin')).toMatchObject({
        status: 200,
        headers: { etag: `"${md5(slice(n) as Uint8Array)}"` },
      });
    }
    const listed = call(obs, { method: 'GET', target: `dir/a.bin?uploadId=${uploadId}` }).body;
    expect(allOf(listed, 'PartNumber')).toEqual(['1', '2', '3']);
    const done = complete(
      obs,
      uploadId,
      obs.partsOf(uploadId).map((part) => [part.partNumber, `"${part.etag}"`]),
      'dir/a.bin',
    );
    expect(done.status).toBe(200);
    const object = obs.object('dir/a.bin');
    expect(md5(object?.bytes ?? new Uint8Array())).toBe(md5(bytesOf(file)));
    expect(object).toMatchObject({
      uploadId,
      size: 250_000,
      headers: { 'content-type': 'video/mp4', 'x-obs-meta-owner': 'me' },
    });
    expect(textOf(done.body, 'ETag')).toBe(`&quot;${object?.etag}&quot;`);
    expect(obs.uploads()).toEqual([]);
    expect(obs.log.map((entry) => [entry.operation, entry.partNumber, entry.size, entry.status])).toEqual([
      ['initiateMultipartUpload', null, 0, 200],
      ['uploadPart', 3, 45_200, 200],
      ['uploadPart', 1, 102_400, 200],
      ['uploadPart', 2, 102_400, 200],
      ['listParts', null, 0, 200],
      ['completeMultipartUpload', null, obs.log[5]?.size, 200],
    ]);
  });
});

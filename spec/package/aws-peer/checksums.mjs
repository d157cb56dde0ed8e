// Bodies and their checksums: in headers, as trailers of streams, and of parts.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Bucket, bytes, check, PART } from './world.mjs';

export async function checkChecksums({ s3, send, head, bytesOf, upload }) {
  // Ours is compared where we have it; CRC-32 is what the SDK does by itself.
  const checksums = [
    ['ChecksumCRC32', undefined],
    ['ChecksumCRC64NVME', 'crc64'],
    ['ChecksumCRC32C', 'crc32c'],
    ['ChecksumSHA256', 'sha256'],
  ];
  const small = bytes(100_000);
  const large = bytes(2 * PART + 12_345);

  for (const [field, checksum] of checksums) {
    const ChecksumAlgorithm = field.slice('Checksum'.length);

    await check(`a PUT with ${field}`, async () => {
      const Key = `put/${field} ü`;
      const put = await send(PutObjectCommand, { Key, Body: small, ChecksumAlgorithm, ContentType: 'text/plain' });
      assert.ok(put[field], 'PUT shows the checksum');
      assert.deepEqual(await bytesOf(Key), small);
      assert.equal((await head(Key))[field], put[field]);
      if (checksum === undefined) return;
      await upload(`ours/${field}`, small, { checksum });
      assert.equal((await head(`ours/${field}`))[field], put[field]);
    });

    await check(`a stream with ${field} as a trailer`, async () => {
      const Key = `stream/${field}`;
      const Body = Readable.from([small.subarray(0, 1000), small.subarray(1000)]);
      await send(PutObjectCommand, { Key, Body, ContentLength: small.length, ChecksumAlgorithm });
      assert.deepEqual(await bytesOf(Key), small);
      assert.equal((await head(Key))[field], (await head(`put/${field} ü`))[field]);
      assert.equal((await head(Key)).ContentEncoding, undefined);
    });

    await check(`parts with ${field}`, async () => {
      const Key = `parts/${field}`;
      await new Upload({ client: s3, params: { Bucket, Key, Body: large, ChecksumAlgorithm }, partSize: PART }).done();
      assert.deepEqual(await bytesOf(Key), large);
      if (checksum === undefined) return;
      const { verified } = await upload(`ours/parts/${field}`, large, { checksum });
      assert.equal(verified, checksum === 'crc64' ? 'crc64' : 'etag');
      const [theirs, our] = [await head(Key), await head(`ours/parts/${field}`)];
      assert.ok(theirs[field], 'HEAD shows the checksum');
      assert.deepEqual([our[field], our.ETag], [theirs[field], theirs.ETag]);
    });
  }

  await check('multipart by hand: list, complete, abort', async () => {
    const Key = 'by-hand';
    const { UploadId } = await send(CreateMultipartUploadCommand, { Key, ChecksumAlgorithm: 'CRC64NVME' });
    const part = { Key, UploadId, PartNumber: 1, Body: small, ChecksumAlgorithm: 'CRC64NVME' };
    const { ETag, ChecksumCRC64NVME } = await send(UploadPartCommand, part);
    const { Parts } = await send(ListPartsCommand, { Key, UploadId });
    assert.deepEqual(
      Parts.map((listed) => [listed.PartNumber, listed.ETag, listed.Size, listed.ChecksumCRC64NVME]),
      [[1, ETag, small.length, ChecksumCRC64NVME]],
    );
    const complete = (size) =>
      send(CompleteMultipartUploadCommand, {
        Key,
        UploadId,
        ChecksumCRC64NVME,
        ChecksumType: 'FULL_OBJECT',
        MpuObjectSize: size,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ChecksumCRC64NVME }] },
      });
    await assert.rejects(complete(small.length + 1), { name: 'InvalidRequest' });
    await complete(small.length);
    assert.deepEqual(await bytesOf(Key), small);
    const other = await send(CreateMultipartUploadCommand, { Key });
    await send(AbortMultipartUploadCommand, { Key, UploadId: other.UploadId });
    await assert.rejects(send(ListPartsCommand, { Key, UploadId: other.UploadId }), { name: 'NoSuchUpload' });
  });

  await check('conditions', async () => {
    const put = (input) => send(PutObjectCommand, { Key: 'condition', Body: small, ...input });
    const { ETag } = await put({});
    await assert.rejects(put({ IfNoneMatch: '*' }), { name: 'PreconditionFailed' });
    await assert.rejects(put({ IfMatch: '"0"' }), { name: 'PreconditionFailed' });
    await put({ IfMatch: ETag });
  });

  await check('a wrong checksum is refused', async () => {
    const wrong = { Key: 'wrong', Body: small, ChecksumCRC64NVME: 'AAAAAAAAAAA=' };
    await assert.rejects(send(PutObjectCommand, wrong), { name: 'BadDigest' });
  });
}

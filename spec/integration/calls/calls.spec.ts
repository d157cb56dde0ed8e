import {
  abortMultipartUpload$,
  completeMultipartUpload$,
  headObject$,
  InvalidOptionsError,
  initiateMultipartUpload$,
  listMultipartUploads$,
  listParts$,
  putObject$,
  uploadPart$,
  v4Signer,
  type ObjectOptions,
} from 'rx-obs-upload';
import { bytesOf, fakeSource } from 'rx-obs-upload/testing';
import { concatMap, from, type Observable } from 'rxjs';
import { createDigest } from '../../../lib/ports/hash/hasher.js';
import { checksumOf } from '../../../lib/protocol/request/checksum.js';
import { PART, uploadWorld, type UploadWorld } from '../../support/upload-world.js';
import { record, runVirtually, type Recording } from '../../support/virtual-time.js';

const KEY = 'by hand.bin';
const first = bytesOf(fakeSource({ size: PART, seed: 1 }));
const second = bytesOf(fakeSource({ size: 1000, seed: 2 }));

function runCall<T>(call$: Observable<T>): Recording<T> {
  return runVirtually(() => record(call$));
}

/** The only value that a call emits. */
function resultOf<T>(call$: Observable<T>): T {
  const { values, error, completed } = runCall(call$);
  expect([error, completed, values.length]).toEqual([undefined, true, 1]);
  return values[0] as T;
}

function initiate({ obs, fake: { bucket } }: UploadWorld): { bucket: string; key: string; uploadId: string } {
  const { uploadId } = resultOf(initiateMultipartUpload$(obs, { bucket, key: KEY }));
  return { bucket, key: KEY, uploadId };
}

describe('single calls', () => {
  it('create an object in parts', () => {
    const world = uploadWorld();
    const { obs, fake } = world;
    const upload = initiate(world);
    const sent = runCall(
      from([second, first]).pipe(concatMap((body, i) => uploadPart$(obs, { ...upload, partNumber: 2 - i, body }))),
    );
    const etags = sent.values.map(({ etag }) => etag);
    const listed = resultOf(listParts$(obs, upload));
    expect(listed).toEqual({
      parts: [
        { partNumber: 1, size: PART, etag: etags[1] },
        { partNumber: 2, size: 1000, etag: etags[0] },
      ],
      nextPartNumberMarker: null,
    });
    const result = resultOf(completeMultipartUpload$(obs, { ...upload, parts: listed.parts }));
    expect(result.etag).toMatch(/^[0-9a-f]{32}-2$/);
    expect(Buffer.compare(fake.object(KEY)?.bytes ?? new Uint8Array(), Buffer.concat([first, second]))).toBe(0);
    expect(resultOf(headObject$(obs, upload))).toMatchObject({ size: PART + 1000, etag: result.etag });
  });

  it('complete an upload to S3 with checksums by sseCustomerKey', () => {
    const { obs, fake } = uploadWorld({}, { signer: v4Signer({ region: 'test' }) });
    const sseCustomerKey = new Uint8Array(32).fill(7);
    const target = { bucket: fake.bucket, key: KEY, sseCustomerKey };
    const { uploadId } = resultOf(initiateMultipartUpload$(obs, { ...target, checksum: 'crc64nvme' }));
    const digest = createDigest('crc64nvme').update(first).digest();
    const checksum = checksumOf('crc64nvme', digest);
    const upload = { ...target, uploadId };
    const { etag } = resultOf(uploadPart$(obs, { ...upload, partNumber: 1, body: first, checksum }));
    const parts = [{ partNumber: 1, etag, checksum }];
    const { error } = runCall(completeMultipartUpload$(obs, { ...upload, parts, sseCustomerKey: null }));
    expect(error).toMatchObject({ status: 400, serviceCode: 'InvalidRequest' });
    expect(resultOf(completeMultipartUpload$(obs, { ...upload, parts })).checksums).toEqual([checksum]);
  });

  it('list uploads, and abort one', () => {
    const world = uploadWorld();
    const { bucket, key, uploadId } = initiate(world);
    expect(resultOf(listMultipartUploads$(world.obs, { bucket })).uploads).toMatchObject([{ key, uploadId }]);
    runCall(abortMultipartUpload$(world.obs, { bucket, key, uploadId }));
    expect(resultOf(listMultipartUploads$(world.obs, { bucket })).uploads).toEqual([]);
  });

  it('put an object with one request', () => {
    const { obs, fake } = uploadWorld();
    const object = { metadata: { title: 'one' } };
    const { etag } = resultOf(putObject$(obs, { bucket: fake.bucket, key: KEY, body: second, object }));
    expect(etag).toMatch(/^[0-9a-f]{32}$/);
    expect(resultOf(headObject$(obs, { bucket: fake.bucket, key: KEY }))).toMatchObject({ size: 1000, etag });
  });

  it('are cold, and send a request for each subscription', () => {
    const { obs, fake } = uploadWorld();
    const put$ = putObject$(obs, { bucket: fake.bucket, key: KEY, body: second });
    expect(fake.log).toHaveLength(0);
    runCall(put$);
    runCall(put$);
    expect(fake.arrivals('putObject')).toHaveLength(2);
  });

  it('fail with the error of the service', () => {
    const { obs, fake } = uploadWorld();
    const { error } = runCall(headObject$(obs, { bucket: fake.bucket, key: 'nothing' }));
    expect(error).toMatchObject({ name: 'ServiceError', operation: 'headObject', status: 404 });
  });

  it.each([
    ['bucket', { bucket: '' }],
    ['key', { key: 'a/../b' }],
  ])('reject an invalid %s before any request', (option, invalid) => {
    const { obs, fake } = uploadWorld();
    const args = { bucket: fake.bucket, key: KEY, uploadId: 'u', partNumber: 1, body: first, parts: [], ...invalid };
    const calls = [
      initiateMultipartUpload$(obs, args),
      uploadPart$(obs, args),
      listParts$(obs, args),
      completeMultipartUpload$(obs, args),
      abortMultipartUpload$(obs, args),
      putObject$(obs, args),
      headObject$(obs, args),
    ];
    for (const call$ of calls) {
      const { error } = runCall<unknown>(call$);
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(error).toMatchObject({ option });
    }
    expect(fake.log).toHaveLength(0);
  });

  it.each(['', null, undefined])(
    'reject the upload id %j before any request, as a store may take it for none, and delete the object',
    (uploadId) => {
      const { obs, fake } = uploadWorld();
      const args = { bucket: fake.bucket, key: KEY, uploadId: uploadId as string };
      const calls = [
        abortMultipartUpload$(obs, args),
        listParts$(obs, args),
        uploadPart$(obs, { ...args, partNumber: 1, body: first }),
        completeMultipartUpload$(obs, { ...args, parts: [] }),
      ];
      for (const call$ of calls) expect(runCall<unknown>(call$).error).toMatchObject({ option: 'uploadId' });
      expect(fake.log).toHaveLength(0);
    },
  );

  it.each<[string, ObjectOptions]>([
    ['metadata.title', { metadata: { title: '📷'.slice(0, 1) } }],
    ['metadata', { metadata: { 'a title': 'x' } }],
    ['callback.url', { callback: {} as never }],
    ['forbidOverwrite', { forbidOverwrite: 'false' as never }],
    ['headers.initiate', { headers: { initiate: { 'Content-Type': 'text/plain' } } }],
  ])('reject an invalid %s as an upload does, before any request', (option, object) => {
    const { obs, fake } = uploadWorld();
    const args = { bucket: fake.bucket, key: KEY, object };
    const calls = [initiateMultipartUpload$(obs, args), putObject$(obs, { ...args, body: first })];
    for (const call$ of calls) {
      const { error } = runCall<unknown>(call$);
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(error).toMatchObject({ option });
    }
    expect(fake.log).toHaveLength(0);
  });

  it('encrypt with the key of a customer, and reject SSE-C without sseCustomerKey before any request', () => {
    const { obs, fake } = uploadWorld();
    const key = new Uint8Array(32).fill(7);
    const args = { bucket: fake.bucket, key: KEY, body: first };
    for (const sse of [{ type: 'customer' } as const, { type: 'customer', key } as const]) {
      for (const operation$ of [initiateMultipartUpload$, putObject$]) {
        const { error } = runCall<unknown>(operation$(obs, { ...args, object: { sse } }));
        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect(error).toMatchObject({ option: 'sse', message: expect.stringContaining('sseCustomerKey') });
        expect(fake.log).toHaveLength(0);
      }
    }
    resultOf(putObject$(obs, { ...args, object: { sse: { type: 'customer' } }, sseCustomerKey: key }));
    expect(fake.object(KEY)?.options).toHaveProperty('server-side-encryption-customer-algorithm', 'AES256');
  });

  it.each<[string, ObjectOptions]>([
    ['expires', { expires: 30 }],
    ['callback', { callback: { url: 'https://app.test/', body: 'x' } }],
    ['storageClass', { storageClass: 'HIGH_PERFORMANCE' }],
  ])('reject %s, which S3 does not support, before any request', (option, object) => {
    const { obs, fake } = uploadWorld({}, { signer: v4Signer({ region: 'test' }) });
    const args = { bucket: fake.bucket, key: KEY, uploadId: 'u', body: first, parts: [], object };
    for (const operation$ of [initiateMultipartUpload$, completeMultipartUpload$, putObject$]) {
      const { error } = runCall<unknown>(operation$(obs, args));
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(error).toMatchObject({ option });
    }
    expect(fake.log).toHaveLength(0);
  });

  it('reject a trafficLimit, which S3 does not support, before any request', () => {
    const { obs, fake } = uploadWorld({}, { signer: v4Signer({ region: 'test' }) });
    const part = { bucket: fake.bucket, key: KEY, uploadId: 'u', partNumber: 1, body: first, trafficLimit: 819_200 };
    for (const call$ of [uploadPart$(obs, part), putObject$(obs, part)]) {
      expect(runCall<unknown>(call$).error).toMatchObject({ name: 'InvalidOptionsError', option: 'trafficLimit' });
    }
    expect(fake.log).toHaveLength(0);
  });
});

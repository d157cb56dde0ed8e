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
import { PART, uploadWorld, type UploadWorld } from '../../support/upload-world.js';
import { record, runVirtually, type Recording } from '../../support/virtual-time.js';

const KEY = 'by hand.bin';
const first = bytesOf(fakeSource({ size: PART, seed: 1 }));
const second = bytesOf(fakeSource({ size: 1000, seed: 2 }));

function made<T>(call$: Observable<T>): Recording<T> {
  return runVirtually(() => record(call$));
}

/** The one value that a call gives. */
function resultOf<T>(call$: Observable<T>): T {
  const { values, error, completed } = made(call$);
  expect([error, completed, values.length]).toEqual([undefined, true, 1]);
  return values[0] as T;
}

function begun({ obs, fake: { bucket } }: UploadWorld): { bucket: string; key: string; uploadId: string } {
  const { uploadId } = resultOf(initiateMultipartUpload$(obs, { bucket, key: KEY }));
  return { bucket, key: KEY, uploadId };
}

describe('calls by themselves', () => {
  it('make an object in parts', () => {
    const world = uploadWorld();
    const { obs, fake } = world;
    const upload = begun(world);
    const sent = made(
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

  it('list uploads, and abort one', () => {
    const world = uploadWorld();
    const { bucket, key, uploadId } = begun(world);
    expect(resultOf(listMultipartUploads$(world.obs, { bucket })).uploads).toMatchObject([{ key, uploadId }]);
    made(abortMultipartUpload$(world.obs, { bucket, key, uploadId }));
    expect(resultOf(listMultipartUploads$(world.obs, { bucket })).uploads).toEqual([]);
  });

  it('put an object in one piece', () => {
    const { obs, fake } = uploadWorld();
    const object = { metadata: { title: 'one' } };
    const { etag } = resultOf(putObject$(obs, { bucket: fake.bucket, key: KEY, body: second, object }));
    expect(etag).toMatch(/^[0-9a-f]{32}$/);
    expect(resultOf(headObject$(obs, { bucket: fake.bucket, key: KEY }))).toMatchObject({ size: 1000, etag });
  });

  it('are cold: nothing is sent before they are subscribed to, and again each time that they are', () => {
    const { obs, fake } = uploadWorld();
    const put$ = putObject$(obs, { bucket: fake.bucket, key: KEY, body: second });
    expect(fake.log).toHaveLength(0);
    made(put$);
    made(put$);
    expect(fake.arrivals('putObject')).toHaveLength(2);
  });

  it('fail with what the service says', () => {
    const { obs, fake } = uploadWorld();
    const { error } = made(headObject$(obs, { bucket: fake.bucket, key: 'nothing' }));
    expect(error).toMatchObject({ name: 'ServiceError', operation: 'headObject', status: 404 });
  });

  it.each([
    ['bucket', { bucket: '' }],
    ['key', { key: 'a/../b' }],
  ])('refuse a bad %s before anything is sent', (option, bad) => {
    const { obs, fake } = uploadWorld();
    const args = { bucket: fake.bucket, key: KEY, uploadId: 'u', partNumber: 1, body: first, parts: [], ...bad };
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
      const { error } = made<unknown>(call$);
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(error).toMatchObject({ option });
    }
    expect(fake.log).toHaveLength(0);
  });

  it.each<[string, ObjectOptions]>([
    ['expires', { expires: 30 }],
    ['callback', { callback: { url: 'https://app.test/', body: 'x' } }],
    ['storageClass', { storageClass: 'HIGH_PERFORMANCE' }],
  ])('refuse %s, which S3 does not have, before anything is sent', (option, object) => {
    const { obs, fake } = uploadWorld({}, { signer: v4Signer({ region: 'test' }) });
    const args = { bucket: fake.bucket, key: KEY, uploadId: 'u', body: first, parts: [], object };
    for (const operation$ of [initiateMultipartUpload$, completeMultipartUpload$, putObject$]) {
      const { error } = made<unknown>(operation$(obs, args));
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(error).toMatchObject({ option });
    }
    expect(fake.log).toHaveLength(0);
  });

  it('refuse a trafficLimit, which S3 does not have, before anything is sent', () => {
    const { obs, fake } = uploadWorld({}, { signer: v4Signer({ region: 'test' }) });
    const part = { bucket: fake.bucket, key: KEY, uploadId: 'u', partNumber: 1, body: first, trafficLimit: 819_200 };
    for (const call$ of [uploadPart$(obs, part), putObject$(obs, part)]) {
      expect(made<unknown>(call$).error).toMatchObject({ name: 'InvalidOptionsError', option: 'trafficLimit' });
    }
    expect(fake.log).toHaveLength(0);
  });
});

import { IntegrityError, InvalidOptionsError, type UploadEvent, type UploadOptions } from 'rx-obs-upload';
import { bytesOf, fakeHasher, fakeSource, on } from 'rx-obs-upload/testing';
import { createDigest } from '../../lib/ports/hash/hasher.js';
import { checksumOf } from '../../lib/protocol/request/checksum.js';
import { s3Signing, ways, type WayOfSigning } from '../support/signed-worlds.js';
import {
  eventsOf,
  expectObject,
  lastCheckpoint,
  PART,
  uploadWorld,
  type UploadWorld,
} from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

const crc64 = { checksum: 'crc64' } as const;

function algorithmOf({ dialect }: WayOfSigning): 'crc64ecma' | 'crc64nvme' {
  return dialect.checksums.crc64 === 'crc64nvme' ? 'crc64nvme' : 'crc64ecma';
}

/** The name of the header and its value, computed from the bytes. */
function headerFor(way: WayOfSigning, bytes: Uint8Array): [string, string] {
  const algorithm = algorithmOf(way);
  const { value } = checksumOf(algorithm, createDigest(algorithm).update(bytes).digest());
  return [`${way.dialect.headerPrefix}checksum-${algorithm}`, value];
}

function run(world: UploadWorld, options: Partial<UploadOptions>): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload({ hasher: fakeHasher(), ...options })));
}

function verifiedOf(recording: Recording<UploadEvent>): string | undefined {
  expect(recording.error).toBeUndefined();
  return eventsOf(recording, 'completed')[0]?.result.verified;
}

describe.each(ways)("checksum: 'crc64', $name", (way) => {
  it('is sent with each part and, combined, with CompleteMultipartUpload', () => {
    const world = way.world();
    const events = run(world, crc64);
    const bytes = bytesOf(world.file);
    for (const { partNumber, headers } of world.fake.arrivals('uploadPart')) {
      const [name, value] = headerFor(way, bytes.subarray(((partNumber ?? 0) - 1) * PART, (partNumber ?? 0) * PART));
      expect(headers[name]).toBe(value);
    }
    const [name, value] = headerFor(way, bytes);
    expect(world.fake.arrivals('completeMultipartUpload')[0]?.headers[name]).toBe(value);
    expect(verifiedOf(events)).toBe('crc64');
    expectObject(world.fake, 'film.mp4', world.file);
  });

  it('is sent with a single PUT', () => {
    const world = way.world({}, fakeSource({ name: 'a.bin', size: 1000 }));
    expect(verifiedOf(run(world, crc64))).toBe('crc64');
    const [name, value] = headerFor(way, bytesOf(world.file));
    expect(world.fake.arrivals('putObject')[0]?.headers[name]).toBe(value);
  });

  it('verifies an empty file', () => {
    const world = way.world({}, fakeSource({ name: 'a.bin', size: 0 }));
    expect(verifiedOf(run(world, { ...crc64, multipart: 'always' }))).toBe('crc64');
  });

  it.each([
    ['SSE-KMS', { type: 'kms' }],
    ['SSE-C', { type: 'customer', key: new Uint8Array(32).fill(7) }],
  ] as const)('verifies with %s, in parts and as a single PUT', (_, sse) => {
    expect(verifiedOf(run(way.world(), { ...crc64, sse }))).toBe('crc64');
    const small = fakeSource({ name: 'a.bin', size: 1000 });
    expect(verifiedOf(run(way.world({}, small), { ...crc64, sse }))).toBe('crc64');
  });

  it('verifies an upload that is resumed from a serialized checkpoint', () => {
    const world = way.world();
    const first = runVirtually(() => {
      const upload = record(world.upload({ ...crc64, hasher: fakeHasher(), taskNum: 1 }));
      at(260, upload.unsubscribe);
      return upload;
    });
    const checkpoint = lastCheckpoint(first);
    expect(checkpoint.parts.length).toBeGreaterThan(0);
    const stored = JSON.parse(JSON.stringify(checkpoint)) as typeof checkpoint;
    const resumed = runVirtually(() => record(world.resume(stored, { ...crc64, hasher: fakeHasher() })));
    expect(verifiedOf(resumed)).toBe('crc64');
    const [name, value] = headerFor(way, bytesOf(world.file));
    expect(world.fake.arrivals('completeMultipartUpload')[0]?.headers[name]).toBe(value);
  });
});

describe("checksum: 'crc64' with unusual responses", () => {
  const hidden = 'x-obs-checksum-crc64ecma';

  it('falls back to the ETag or the size if no response contains it', () => {
    const faults = [on('completeMultipartUpload').hideHeaders(hidden), on('headObject').hideHeaders(hidden)];
    expect(verifiedOf(run(uploadWorld({ faults }), crc64))).toBe('etag');
    const put = [on('putObject').hideHeaders(hidden), on('headObject').hideHeaders(hidden)];
    expect(verifiedOf(run(uploadWorld({ faults: put }, {}, fakeSource({ size: 10 })), crc64))).toBe('size');
  });

  it('is read by HEAD if the response of CompleteMultipartUpload or PUT does not contain it', () => {
    const complete = uploadWorld({ faults: [on('completeMultipartUpload').hideHeaders(hidden)] });
    expect(verifiedOf(run(complete, crc64))).toBe('crc64');
    const put = uploadWorld({ faults: [on('putObject').hideHeaders(hidden)] }, {}, fakeSource({ size: 10 }));
    expect(verifiedOf(run(put, crc64))).toBe('crc64');
  });

  it.each([
    ['completeMultipartUpload', 3 * PART],
    ['putObject', 10],
    ['uploadPart', 3 * PART],
  ] as const)('fails with an IntegrityError if %s returns another one', (operation, size) => {
    const faults = [on(operation, { times: Number.POSITIVE_INFINITY }).setHeaders({ [hidden]: '1' })];
    const events = run(uploadWorld({ faults }, {}, fakeSource({ size })), crc64);
    expect(events.error).toBeInstanceOf(IntegrityError);
  });

  it('is not combined if the checksum of a part is missing in the checkpoint', () => {
    const world = uploadWorld();
    const first = runVirtually(() => {
      const upload = record(world.upload({ ...crc64, hasher: fakeHasher(), taskNum: 1 }));
      at(260, upload.unsubscribe);
      return upload;
    });
    const checkpoint = lastCheckpoint(first);
    const parts = checkpoint.parts.map(({ partNumber, size, etag }) => ({ partNumber, size, etag }));
    const resumed = runVirtually(() =>
      record(world.resume({ ...checkpoint, parts }, { ...crc64, hasher: fakeHasher() })),
    );
    expect(verifiedOf(resumed)).toBe('etag');
    const { headers } = world.fake.arrivals('completeMultipartUpload')[0] ?? { headers: {} };
    expect(Object.keys(headers).filter((name) => name.includes('checksum'))).toEqual([]);
  });

  it('sends a part again that arrived corrupted', () => {
    const faults = [on('uploadPart', { partNumber: 2, times: 1 }).respond(400, 'BadDigest')];
    const events = run(uploadWorld({ faults }), crc64);
    expect(verifiedOf(events)).toBe('crc64');
    expect(eventsOf(events, 'retrying')).toHaveLength(1);
  });

  it('rejects a checkpoint with an invalid checksum', () => {
    const world = uploadWorld();
    const checkpoint = lastCheckpoint(run(world, crc64));
    const damaged = checkpoint.parts.map((part) => ({
      ...part,
      checksum: { algorithm: 'crc64ecma', value: '18446744073709551616' } as const,
    }));
    const resumed = runVirtually(() => record(world.resume({ ...checkpoint, parts: damaged }, crc64)));
    expect(resumed.error).toMatchObject({ code: 'checkpoint', field: 'parts[0].checksum' });
  });
});

describe.each(s3Signing)('checksums of S3, $name', (way) => {
  it('send a part again that arrived corrupted at MinIO', () => {
    const faults = [on('uploadPart', { partNumber: 2, times: 1 }).respond(400, 'XAmzContentChecksumMismatch')];
    const events = run(way.world({ faults }), crc64);
    expect(verifiedOf(events)).toBe('crc64');
    expect(eventsOf(events, 'retrying')).toHaveLength(1);
  });

  it('identify the uploaded object after a lost response if its ETag cannot', () => {
    const sse = { type: 'kms' } as const;
    const lost = (): UploadWorld => way.world({ faults: [on('completeMultipartUpload').loseResponse()] });
    expect(run(lost(), { sse }).error).toMatchObject({ code: 'complete-unknown' });
    expect(verifiedOf(run(lost(), { sse, ...crc64 }))).toBe('crc64');
    const put = way.world({ faults: [on('putObject').loseResponse()] }, fakeSource({ size: 1000 }));
    expect(verifiedOf(run(put, { sse, ...crc64, retry: { maxAttempts: 1 } }))).toBe('crc64');
    expect(put.fake.arrivals('putObject')).toHaveLength(1);
  });

  it.each(['crc32c', 'sha256'] as const)('%s is announced by initiate and sent with the parts', (checksum) => {
    const world = way.world();
    const events = run(world, { checksum });
    expect(verifiedOf(events)).toBe('etag');
    expect(world.fake.arrivals('initiateMultipartUpload')[0]?.headers).toMatchObject({
      'x-amz-checksum-algorithm': checksum.toUpperCase(),
      'x-amz-checksum-type': 'COMPOSITE',
    });
    const bytes = bytesOf(world.file);
    const { value } = checksumOf(checksum, createDigest(checksum).update(bytes.subarray(0, PART)).digest());
    expect(world.fake.arrivals('uploadPart', 1)[0]?.headers[`x-amz-checksum-${checksum}`]).toBe(value);
    expectObject(world.fake, 'film.mp4', world.file);
  });

  it.each(['crc64', 'crc32c', 'sha256'] as const)('%s is still used by a resume that does not set it', (checksum) => {
    const world = way.world();
    const first = runVirtually(() => {
      const upload = record(world.upload({ checksum, hasher: fakeHasher(), taskNum: 1 }));
      at(260, upload.unsubscribe);
      return upload;
    });
    const resumed = runVirtually(() => record(world.resume(lastCheckpoint(first), { hasher: fakeHasher() })));
    expect(verifiedOf(resumed)).toBe(checksum === 'crc64' ? 'crc64' : 'etag');
  });

  it.each(['crc64', 'crc32c', 'sha256'] as const)(
    '%s with SSE-C sends the key with complete, also on resume',
    (checksum) => {
      const world = way.world();
      const sse = { type: 'customer', key: new Uint8Array(32).fill(7) } as const;
      const options = { checksum, sse, hasher: fakeHasher(), taskNum: 1 };
      const first = runVirtually(() => {
        const upload = record(world.upload(options));
        at(260, upload.unsubscribe);
        return upload;
      });
      const resumed = runVirtually(() => record(world.resume(lastCheckpoint(first), options)));
      expect(eventsOf(resumed, 'completed')).toHaveLength(1);
      const md5 = 'x-amz-server-side-encryption-customer-key-md5';
      const [initiated, completed] = (['initiateMultipartUpload', 'completeMultipartUpload'] as const).map(
        (operation) => world.fake.arrivals(operation)[0]?.headers[md5],
      );
      expect(completed).toEqual(expect.any(String));
      expect(completed).toBe(initiated);
    },
  );

  it('are not added to an upload that was started without them', () => {
    const world = way.world();
    const first = runVirtually(() => {
      const upload = record(world.upload({ taskNum: 1 }));
      at(260, upload.unsubscribe);
      return upload;
    });
    const resumed = runVirtually(() => record(world.resume(lastCheckpoint(first), { ...crc64, hasher: fakeHasher() })));
    expect(verifiedOf(resumed)).toBe('etag');
  });

  it('are not sent by default; complete only sends the size of the object', () => {
    const world = way.world();
    run(world, {});
    const headers = world.fake.arrivals('completeMultipartUpload')[0]?.headers;
    expect(headers?.['x-amz-mp-object-size']).toBe(String(world.file.size));
    const all = world.fake.log.flatMap((arrival) => Object.keys(arrival.headers));
    expect(all.filter((name) => name.includes('checksum'))).toEqual([]);
  });

  it.each([
    [400, 'InvalidArgument', "Unsupported header 'x-amz-mp-object-size' received for this API call."],
    [501, 'NotImplemented', "Header 'x-amz-mp-object-size' with value '250000' not implemented"],
  ])('complete is sent again without the size if the store does not support it: %i %s', (status, code, message) => {
    const world = way.world({
      faults: [on('completeMultipartUpload', { times: 1 }).respond(status, code, { message })],
    });
    expect(verifiedOf(run(world, {}))).toBe('etag');
    const sizes = world.fake.arrivals('completeMultipartUpload').map(({ headers }) => headers['x-amz-mp-object-size']);
    expect(sizes).toEqual([String(world.file.size), undefined]);
  });

  it('complete fails if the size is not that of the object', () => {
    const message = "The provided 'x-amz-mp-object-size' header value 1 does not match what was computed: 2";
    const world = way.world({ faults: [on('completeMultipartUpload').respond(400, 'InvalidRequest', { message })] });
    expect(run(world, {}).error).toMatchObject({ code: 'service', serviceCode: 'InvalidRequest' });
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
  });
});

describe('checksums that a store does not support', () => {
  it.each(ways.filter((way) => !s3Signing.includes(way)))('are rejected before any request, $name', (way) => {
    for (const checksum of ['crc32c', 'sha256'] as const) {
      const world = way.world();
      const events = run(world, { checksum });
      expect(events.error).toBeInstanceOf(InvalidOptionsError);
      expect(events.error).toMatchObject({ option: 'checksum' });
      expect(world.fake.log).toEqual([]);
    }
  });
});

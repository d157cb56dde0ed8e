import type { UploadEvent, UploadOptions } from 'rx-obs-upload';
import { bytesOf, fakeHasher, fakeSource, on } from 'rx-obs-upload/testing';
import { expectLaws } from '../support/laws.js';
import { ways } from '../support/signed-worlds.js';
import { eventsOf, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

function run(world: UploadWorld, options: Partial<UploadOptions> = {}): Recording<UploadEvent> {
  const events = runVirtually(() => record(world.upload({ skipExisting: true, hasher: fakeHasher(), ...options })));
  expectLaws(events);
  return events;
}

function completedOf(recording: Recording<UploadEvent>): unknown {
  expect(recording.error).toBeUndefined();
  const [completed] = eventsOf(recording, 'completed');
  return { skipped: completed?.skipped, verified: completed?.result.verified };
}

describe.each(ways)('skipExisting, $name', (way) => {
  it.each<[string, Partial<UploadOptions>, string]>([
    ['its ETag', {}, 'etag'],
    ['its ETag, with MD5s', { checksum: 'md5' }, 'etag'],
    ['its CRC-64', { checksum: 'crc64' }, 'crc64'],
  ])('sends nothing if the object is the same by %s', (_, options, verified) => {
    for (const size of [1000, 3 * PART + 1000]) {
      const world = way.world({}, fakeSource({ size }));
      expect(completedOf(run(world, options))).toMatchObject({ skipped: false });
      const before = world.fake.log.length;
      const again = run(world, options);
      expect(completedOf(again)).toEqual({ skipped: true, verified });
      expect(world.fake.log.slice(before).map(({ operation }) => operation)).toEqual(['headObject']);
    }
  });
});

describe('skipExisting', () => {
  it('emits `hashing` before anything is sent', () => {
    const world = uploadWorld();
    const events = run(world, { hasher: fakeHasher({ bytesPerSecond: 1024 * 1000 }) });
    const hashing = eventsOf(events, 'hashing').map(({ hashedBytes, totalBytes }) => [hashedBytes, totalBytes]);
    const total = world.file.size;
    expect(hashing).toEqual([0, PART, 2 * PART, 3 * PART, total].map((bytes) => [bytes, total]));
    const types = typesOf(events);
    expect(types.lastIndexOf('hashing')).toBeLessThan(types.indexOf('started'));
    expect(world.fake.log[0]?.operation).toBe('headObject');
    expect(completedOf(events)).toEqual({ skipped: false, verified: 'etag' });
  });

  it.each<[string, (world: UploadWorld) => void]>([
    ['there is no object', () => undefined],
    ['the object has another size', (world) => world.fake.putObject('media', 'film.mp4', new Uint8Array(5))],
    [
      'the object has other content',
      (world) => world.fake.putObject('media', 'film.mp4', new Uint8Array(world.file.size)),
    ],
    [
      'the object is encrypted with SSE-KMS, so that its ETag is not an MD5',
      (world) =>
        world.fake.putObject('media', 'film.mp4', bytesOf(world.file), { 'x-obs-server-side-encryption': 'kms' }),
    ],
    ['HEAD is forbidden', (world) => world.fake.addFaults(on('headObject').respond(403, 'AccessDenied'))],
  ])('sends the file if %s', (_, prepare) => {
    const world = uploadWorld();
    prepare(world);
    expect(completedOf(run(world))).toMatchObject({ skipped: false });
    expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
  });

  it('recognizes a file of several parts in an object of a single PUT', () => {
    const world = uploadWorld();
    world.fake.putObject('media', 'film.mp4', bytesOf(world.file));
    expect(completedOf(run(world))).toEqual({ skipped: true, verified: 'etag' });
    expect(completedOf(run(world, { checksum: 'crc64' }))).toEqual({ skipped: true, verified: 'etag' });
  });

  it('recognizes an object with other parts or SSE-KMS by its CRC-64', () => {
    const world = uploadWorld();
    expect(completedOf(run(world, { checksum: 'crc64', partSize: 2 * PART, sse: { type: 'kms' } }))).toEqual({
      skipped: false,
      verified: 'crc64',
    });
    expect(completedOf(run(world, { checksum: 'crc64' }))).toEqual({ skipped: true, verified: 'crc64' });
    expect(completedOf(run(world))).toEqual({ skipped: true, verified: 'crc64' });
  });

  it('stops hashing when it is cancelled, and sends nothing', () => {
    const world = uploadWorld();
    const hasher = fakeHasher({ bytesPerSecond: 1024 });
    runVirtually(() => {
      const upload = record(world.upload({ skipExisting: true, hasher }));
      at(50, upload.unsubscribe);
      return upload;
    });
    expect([hasher.hashing, world.fake.log.length]).toEqual([0, 0]);
  });

  it('must be a boolean', () => {
    const { error } = runVirtually(() => record(uploadWorld().upload({ skipExisting: 'yes' as never })));
    expect(error).toMatchObject({ code: 'invalid-options', option: 'skipExisting' });
  });
});

import { InvalidOptionsError, v4Signer } from 'rx-obs-upload';
import { fakeSource, on } from 'rx-obs-upload/testing';
import { obsSigning, ways } from '../support/signed-worlds.js';
import { expectObject, uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

const sizes = [10, 250 * 1024];

const conditional = ways.filter(({ dialect }) => !dialect.unsupported.includes('ifMatch'));

describe.each(conditional)('ifMatch, $name', ({ world: createWorld }) => {
  it.each(sizes)('replaces the object with that ETag, by %i bytes', (size) => {
    const world = createWorld({}, fakeSource({ size }));
    world.fake.putObject(world.fake.bucket, 'film.mp4', new Uint8Array(3));
    const ifMatch = `"${world.fake.object('film.mp4')?.etag}"`;
    expect(runVirtually(() => record(world.upload({ ifMatch }))).error).toBeUndefined();
    expectObject(world.fake, 'film.mp4', world.file);
  });

  it.each(sizes)('fails with 412 if the object has another ETag, for %i bytes', (size) => {
    const world = createWorld({}, fakeSource({ size }));
    world.fake.putObject(world.fake.bucket, 'film.mp4', new Uint8Array(3));
    const { error } = runVirtually(() => record(world.upload({ ifMatch: 'f00' })));
    expect(error).toMatchObject({ code: 'service', status: 412, serviceCode: 'PreconditionFailed', retryable: false });
    expect(world.fake.object('film.mp4')?.size).toBe(3);
  });

  it.each(sizes)('fails with 404 if there is no object, for %i bytes', (size) => {
    const world = createWorld({}, fakeSource({ size }));
    const { error } = runVirtually(() => record(world.upload({ ifMatch: 'f00' })));
    expect(error).toMatchObject({ code: 'service', status: 404, serviceCode: 'NoSuchKey' });
    expect(world.fake.object('film.mp4')).toBeNull();
  });

  it('succeeds if the response is lost and the repeated complete finds the new object', () => {
    const world = createWorld({ faults: [on('completeMultipartUpload', { times: 1 }).loseResponse()] });
    world.fake.putObject(world.fake.bucket, 'film.mp4', new Uint8Array(3));
    const events = runVirtually(() => record(world.upload({ ifMatch: world.fake.object('film.mp4')?.etag ?? '' })));
    expect(events.completed).toBe(true);
    expectObject(world.fake, 'film.mp4', world.file);
  });
});

describe('ifMatch', () => {
  it.each(obsSigning)('is rejected, $name', ({ world: createWorld }) => {
    const { fake, upload } = createWorld();
    const { error } = runVirtually(() => record(upload({ ifMatch: 'f00' })));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ option: 'ifMatch' });
    expect(fake.log).toEqual([]);
  });

  it.each(['', '*', 'a"b', 'a\n', 7])('cannot be %p', (ifMatch) => {
    const { upload } = uploadWorld({}, { signer: v4Signer({ region: 'eu-1' }) });
    const { error } = runVirtually(() => record(upload({ ifMatch: ifMatch as string })));
    expect(error).toMatchObject({ code: 'invalid-options', option: 'ifMatch' });
  });
});

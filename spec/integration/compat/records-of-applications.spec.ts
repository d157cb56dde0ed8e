import { of } from 'rxjs';
import { transformParts } from 'rx-obs-upload';
import type { ObsUploadCheckpoint, ResumeHook } from 'rx-obs-upload/compat';
import { bytesOf, on } from 'rx-obs-upload/testing';
import { clientWorld, recordOf, run, suspended, throughJson } from './support/client-world.js';

/** As state management does in development. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) if (!isFile(each)) deepFreeze(each);
  }
  return value;
}

function isFile(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'slice' in value && !Array.isArray(value);
}

describe('a framework that wraps objects in proxies', () => {
  it('can refresh the keys of a client and have URLs signed', () => {
    const world = clientWorld();
    const client = new Proxy(world.connect({ access_key_id: 'old', secret_access_key: 'old' }), {});
    const { accessKeyId, secretAccessKey, securityToken } = world.fake.credentials;
    client.refresh(accessKeyId, secretAccessKey, securityToken ?? undefined);
    expect(client.createSignedUrlSync({ Method: 'GET', Bucket: 'media', Key: 'a' }).SignedUrl).toContain('/a?');
    expect(run(client, world.params()).outcomes).toMatchObject([{ error: null }]);
  });

  it('can resume from a record that needs what it does not contain', () => {
    const world = clientWorld();
    const SseCKey = 'abcdefghijklmnopqrstuvwxyz012345';
    const record = suspended(world, { SseC: 'AES256', SseCKey });
    const upload = run(world.client, { UploadCheckpoint: new Proxy(record, {}) });
    expect(upload.outcomes).toMatchObject([{ error: null }]);
    expect(Reflect.ownKeys(throughJson(record)).filter((key) => typeof key === 'symbol')).toEqual([]);
    expect(JSON.stringify(record)).not.toContain(SseCKey);
  });
});

describe('a store that freezes what it is given', () => {
  it('does not end the upload, and the record of an error is the last one', () => {
    const world = clientWorld({ faults: [on('uploadPart', { partNumber: 4 }).respond(400, 'InvalidArgument')] });
    const upload = run(world.client, world.params({ TaskNum: 1, ResumeCallback: (_, record) => deepFreeze(record) }));
    const checkpoint = upload.outcomes[0]?.error?.checkpoint;
    expect(upload.outcomes).toMatchObject([{ error: { status: 400 } }]);
    expect(checkpoint?.parts.map(({ isCompleted }) => isCompleted)).toEqual([true, true, true, false]);
    expect(recordOf(upload).parts.map(({ isCompleted }) => isCompleted)).toEqual([false, false, false, false]);
    const resumed = run(
      world.client,
      world.params({
        UploadCheckpoint: deepFreeze(checkpoint as ObsUploadCheckpoint),
        ResumeCallback: (_, record) => deepFreeze(record),
      }),
    );
    expect(resumed.outcomes).toMatchObject([{ error: null }]);
    expect(world.fake.arrivals('uploadPart').map(({ partNumber }) => partNumber)).toEqual([1, 2, 3, 4, 4]);
  });
});

describe('the record of a transformed file', () => {
  const xor = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a);

  it.each([0, 16])('resumes with the same transformation, with %i bytes more a part', (overheadBytes) => {
    const world = clientWorld();
    const transform = (bytes: Uint8Array) => of(new Uint8Array([...xor(bytes), ...new Uint8Array(overheadBytes)]));
    const SourceFile = transformParts(world.file, { overheadBytes, transform });
    const record = suspended(world, { SourceFile });
    expect(run(world.client, { UploadCheckpoint: record }).outcomes).toMatchObject([{ error: null }]);
    const partCount = 4;
    expect(world.fake.object('film.mp4')?.size).toBe(world.file.size + partCount * overheadBytes);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    const again = suspended(world, { SourceFile });
    const stored = run(world.client, { UploadCheckpoint: throughJson(again), SourceFile });
    expect(stored.outcomes).toMatchObject([{ error: null }]);
  });

  it.each([0, 16])(
    'is refused with the file as it is, which would mix both (%i bytes more a part)',
    (overheadBytes) => {
      const world = clientWorld();
      const transform = (bytes: Uint8Array) => of(new Uint8Array([...xor(bytes), ...new Uint8Array(overheadBytes)]));
      const record = suspended(world, { SourceFile: transformParts(world.file, { overheadBytes, transform }) });
      const upload = run(world.client, { UploadCheckpoint: record, SourceFile: world.file });
      expect(upload.outcomes).toMatchObject([{ error: { code: 'invalid-options' } }]);
      expect(world.fake.object('film.mp4')).toBeNull();
    },
  );
});

describe('hook.abort()', () => {
  it('has no effect once complete is being sent, which may have made the object', () => {
    const world = clientWorld();
    const hooks: ResumeHook[] = [];
    const transport = world.fake.transport;
    const aborting = {
      ...transport,
      send: (request: Parameters<typeof transport.send>[0]) => {
        if (request.method === 'POST' && request.url.includes('uploadId=')) hooks[0]?.abort();
        return transport.send(request);
      },
    };
    const client = world.connect({ transport: aborting });
    const upload = run(client, world.params({ ResumeCallback: (hook) => hooks.push(hook) }));
    expect(upload.outcomes).toMatchObject([{ error: null }]);
    expect(bytesOf(world.file)).toHaveLength(world.fake.object('film.mp4')?.size ?? 0);
  });
});

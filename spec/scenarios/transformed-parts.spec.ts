import { EMPTY, lastValueFrom, of, takeUntil, timer, type Observable } from 'rxjs';
import {
  parseCheckpoint,
  streamSource,
  transformParts,
  type PartTransform,
  type UploadError,
  type UploadEvent,
} from 'rx-obs-upload';
import { bytesOf, fakeCheckpointStore, fakeSource, on } from 'rx-obs-upload/testing';
import { eventsOf, KIB, lastCheckpoint, PART, uploadWorld } from '../support/upload-world.js';
import { expectLaws } from '../support/laws.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

const content = new Uint8Array(bytesOf(fakeSource({ size: 3 * PART + 1000 })));
const fast = { latencyMs: 0, bytesPerSecond: null } as const;

/** An IV of 12 bytes and an authentication tag of 16 bytes. */
const OVERHEAD = 28;

async function aes(): Promise<{
  readonly encrypt: PartTransform;
  readonly decrypt: (bytes: Uint8Array) => Promise<Uint8Array>;
}> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  return {
    encrypt: {
      overheadBytes: OVERHEAD,
      transform: async (bytes, partNumber) => {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const additionalData = new Uint8Array(new Uint32Array([partNumber]).buffer);
        const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, new Uint8Array(bytes));
        return new Uint8Array(Buffer.concat([iv, new Uint8Array(sealed)]));
      },
    },
    decrypt: async (object) => {
      const parts: Uint8Array[] = [];
      for (let start = 0; start < object.length; start += PART + OVERHEAD) {
        const part = object.slice(start, start + PART + OVERHEAD);
        const additionalData = new Uint8Array(new Uint32Array([parts.length + 1]).buffer);
        const algorithm = { name: 'AES-GCM', iv: part.slice(0, 12), additionalData };
        parts.push(new Uint8Array(await crypto.subtle.decrypt(algorithm, key, part.slice(12))));
      }
      return new Uint8Array(Buffer.concat(parts));
    },
  };
}

/** Prepends the part number as one byte, and inverts the bits. */
const inverted: PartTransform = {
  overheadBytes: 1,
  transform: (bytes, partNumber) => of(Uint8Array.from([partNumber, ...bytes.map((byte) => byte ^ 255)])),
};

describe('transformed parts', () => {
  it('cannot be compared with an object before they are sent', () => {
    const { fake, upload } = uploadWorld();
    const sourceFile = transformParts(fakeSource({ size: PART }), inverted);
    const { error } = runVirtually(() => record(upload({ sourceFile, skipExisting: true })));
    expect(error).toMatchObject({ code: 'invalid-options', option: 'skipExisting' });
    expect(fake.log).toEqual([]);
  });

  it.each(['file', 'stream'])(
    'of a %s are encrypted by WebCrypto, and the object decrypts to what was sent',
    async (kind) => {
      const { encrypt, decrypt } = await aes();
      for (const checksum of ['none', 'md5', 'crc64'] as const) {
        const { fake, upload } = uploadWorld(fast);
        const plain =
          kind === 'file' ? new Blob([content]) : streamSource([content.slice(0, 5000), content.slice(5000)]);
        await lastValueFrom(upload({ sourceFile: transformParts(plain, encrypt), checksum }));
        const object = fake.object('film.mp4')?.bytes ?? new Uint8Array();
        expect(object).toHaveLength(content.length + 4 * OVERHEAD);
        expect(Buffer.compare(await decrypt(object), content)).toBe(0);
      }
    },
  );

  it.each([0, 1, PART])('of %i bytes are a single PUT', async (size) => {
    const { encrypt, decrypt } = await aes();
    const { fake, upload } = uploadWorld(fast);
    await lastValueFrom(upload({ sourceFile: transformParts(new Blob([content.slice(0, size)]), encrypt) }));
    expect(fake.log.map(({ operation }) => operation)).toEqual(['putObject']);
    expect(
      Buffer.compare(await decrypt(fake.object('film.mp4')?.bytes ?? new Uint8Array()), content.slice(0, size)),
    ).toBe(0);
  });

  it('are counted in transformed bytes in events and checkpoints', () => {
    const { upload } = uploadWorld();
    const events = runVirtually(() =>
      record(upload({ sourceFile: transformParts(fakeSource({ size: 2 * PART + 10 }), inverted) })),
    );
    expectLaws(events);
    const totalBytes = 2 * PART + 10 + 3;
    expect(eventsOf(events, 'started')[0]).toMatchObject({ totalBytes, partSize: PART + 1, partCount: 3 });
    expect(eventsOf(events, 'progress').at(-1)).toMatchObject({ transferredBytes: totalBytes, totalBytes });
    expect(eventsOf(events, 'completed')[0]?.result).toMatchObject({ totalBytes, verified: 'etag' });
    const checkpoint = lastCheckpoint(events);
    expect(parseCheckpoint(JSON.parse(JSON.stringify(checkpoint)))).toEqual(checkpoint);
  });

  it('resume at any time, without sending an acknowledged part again', () => {
    for (let ms = 10; ms < 500; ms += 35) {
      const { fake, upload, resume } = uploadWorld();
      const sourceFile = transformParts(fakeSource({ size: 3 * PART + 1000 }), inverted);
      const cancelled = runVirtually(() => {
        const events = record(upload({ sourceFile }));
        at(ms, () => events.unsubscribe());
        return events;
      });
      if (cancelled.completed) continue;
      const checkpoint = eventsOf(cancelled, 'checkpoint').at(-1)?.checkpoint ?? null;
      const sent = checkpoint?.parts.length ?? 0;
      const before = fake.arrivals('uploadPart').length;
      const resumed = runVirtually(() => record(resume(checkpoint, { sourceFile })));
      expect(resumed.completed).toBe(true);
      expectLaws(resumed);
      expect(fake.arrivals('uploadPart').length - before).toBeLessThanOrEqual(4 - sent);
      expect(fake.object('film.mp4')?.size).toBe(3 * PART + 1000 + 4);
    }
  });

  it('of a stream resume where the transformation works in place', () => {
    const { fake, upload, resume } = uploadWorld();
    const inPlace: PartTransform = {
      overheadBytes: 0,
      transform: (bytes) => {
        bytes.forEach((byte, i) => (bytes[i] = byte ^ 255));
        return of(bytes);
      },
    };
    const sourceFile = transformParts(streamSource([content]), inPlace);
    const cancelled = runVirtually(() => {
      const events = record(upload({ sourceFile, taskNum: 1 }));
      at(180, () => events.unsubscribe());
      return events;
    });
    expect(fake.arrivals('uploadPart', 2)).toHaveLength(1);
    expect(lastCheckpoint(cancelled).parts).toHaveLength(1);
    const resumed = runVirtually(() => record(resume(lastCheckpoint(cancelled), { sourceFile })));
    expect(resumed.completed).toBe(true);
    const object = fake.object('film.mp4')?.bytes ?? new Uint8Array();
    expect(
      Buffer.compare(
        object.map((byte) => byte ^ 255),
        content,
      ),
    ).toBe(0);
  });

  it('are all counted if the object is found on resume', () => {
    const { upload, resume } = uploadWorld();
    const sourceFile = transformParts(fakeSource({ size: 2 * PART + 10 }), inverted);
    const checkpoint = lastCheckpoint(runVirtually(() => record(upload({ sourceFile }))));
    const found = runVirtually(() => record(resume(checkpoint, { sourceFile })));
    expect(found.completed).toBe(true);
    expectLaws(found);
    const totalBytes = 2 * PART + 10 + 3;
    expect(eventsOf(found, 'started')).toMatchObject([{ totalBytes, resumedBytes: totalBytes }]);
  });

  it.each([
    ['larger', PART, 150 * KIB],
    ['smaller', 150 * KIB, PART],
  ])('are counted by the stored part size if the request has a %s one', (_, stored, requested) => {
    const { upload } = uploadWorld();
    const sourceFile = transformParts(fakeSource({ size: 6 * PART }), inverted);
    const checkpointStore = fakeCheckpointStore();
    const send = (partSize: number): Observable<UploadEvent> => upload({ sourceFile, checkpointStore, partSize });
    runVirtually(() => record(send(stored).pipe(takeUntil(timer(200)))));
    const events = runVirtually(() => record(send(requested)));
    expectLaws(events);
    expect(events.completed).toBe(true);
    const totalBytes = 6 * PART + Math.ceil((6 * PART) / stored);
    expect(eventsOf(events, 'started')).toMatchObject([
      { totalBytes, partSize: stored + 1, resumedBytes: 2 * (stored + 1) },
    ]);
    expect(new Set(eventsOf(events, 'progress').map((progress) => progress.totalBytes))).toEqual(new Set([totalBytes]));
  });

  it('are not mixed with untransformed parts', () => {
    const file = fakeSource({ size: 3 * PART });
    const { upload, resume } = uploadWorld({ faults: [on('completeMultipartUpload').respond(403, 'AccessDenied')] });
    const { error } = runVirtually(() => record(upload({ sourceFile: file })));
    const { checkpoint } = error as UploadError;
    const refused = runVirtually(() => record(resume(checkpoint, { sourceFile: transformParts(file, inverted) })));
    expect(refused.error).toMatchObject({ name: 'InvalidOptionsError', option: 'sourceFile' });
  });

  it('are at most taskNum in memory', () => {
    const { fake, upload } = uploadWorld();
    let transformed = 0;
    const counting: PartTransform = {
      ...inverted,
      transform: (bytes, partNumber) => {
        transformed += 1;
        expect(
          transformed - fake.arrivals('uploadPart').filter(({ status }) => status === 200).length,
        ).toBeLessThanOrEqual(2);
        return inverted.transform(bytes, partNumber);
      },
    };
    for (const checksum of ['none', 'md5', 'crc64'] as const) {
      transformed = fake.arrivals('uploadPart').length;
      const sourceFile = transformParts(fakeSource({ size: 6 * PART }), counting);
      expect(runVirtually(() => record(upload({ sourceFile, checksum, taskNum: 2 }))).error).toBeUndefined();
    }
  });

  it.each([
    ['of another size', of(new Uint8Array(5)), 'InvalidOptionsError'],
    ['that are never emitted', EMPTY, 'SourceError'],
  ])('%s end the upload with a typed error', (_, bytes$, name) => {
    const { upload } = uploadWorld();
    const sourceFile = transformParts(fakeSource({ size: 10 * KIB }), { overheadBytes: 1, transform: () => bytes$ });
    expect(runVirtually(() => record<UploadEvent>(upload({ sourceFile }))).error).toMatchObject({ name });
  });
});

import type { UploadCheckpoint, UploadEvent, UploadOptions } from 'rx-obs-upload';
import { fakeCheckpointStore, fakeSource, on, type FakeObsOptions, type FakeSource } from 'rx-obs-upload/testing';
import { expectSurvived, interrupted, resumeAsJson } from '../support/scenario-world.js';
import { expectObject, eventsOf, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

const PARTS = { verifyResume: 'parts' } as const;
const SIZE = 20 * PART;
const KMS = { type: 'kms' } as const;
const SSE_C = { type: 'customer', key: new Uint8Array(32).fill(7) } as const;

const bytes = new Uint8Array(SIZE).map((_, i) => i % 251);

/** The file as it was chosen first. */
function chosen(): FakeSource {
  return fakeSource({ bytes, name: 'IMG_0001.mov' });
}

/** The same file as a phone gives it later. */
function chosenAgain(): FakeSource {
  return fakeSource({ bytes, name: 'image-7F3A.mov', lastModified: 1_800_000_000_000 });
}

/** One byte differs, in a part that is finished, where no sample is taken. */
function edited(): FakeSource {
  const changed = bytes.slice();
  changed[PART] = (changed[PART] ?? 0) ^ 1;
  return fakeSource({ bytes: changed, name: 'image-7F3A.mov', lastModified: 1_800_000_000_000 });
}

/** Four parts are on the server. */
function begun(options: FakeObsOptions = {}, requested: Partial<UploadOptions> = {}): Begun {
  const world = uploadWorld({ bytesPerSecond: null, ...options }, {}, chosen());
  return { world, checkpoint: interrupted(world, 4, { taskNum: 1, ...requested }) };
}

interface Begun {
  readonly world: UploadWorld;
  readonly checkpoint: UploadCheckpoint;
}

function resume({ world, checkpoint }: Begun, options: Partial<UploadOptions>): Recording<UploadEvent> {
  return resumeAsJson(world, checkpoint, options);
}

function expectFile({ world }: Begun, events: Recording<UploadEvent>, file: FakeSource, resumedParts: number): void {
  expect(events.error).toBeUndefined();
  expectObject(world.fake, 'film.mp4', file);
  expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(resumedParts * PART);
}

describe('the same file with a new name and date', () => {
  it("with verifyResume: 'parts' is resumed, by its content", () => {
    const upload = begun();
    expectFile(upload, resume(upload, { ...PARTS, sourceFile: chosenAgain() }), chosen(), 4);
  });

  it('else is refused, and the error says how it can be resumed', () => {
    const upload = begun();
    const { error } = resume(upload, { sourceFile: chosenAgain() });
    expect(error).toMatchObject({ name: 'SourceError', code: 'source-changed', resumable: true });
    expect((error as Error).message).toContain("verifyResume: 'parts'");
  });

  it.each([
    ['of another size', fakeSource({ bytes: bytes.subarray(1), name: 'IMG_0001.mov' })],
    ['of other content', fakeSource({ size: SIZE, seed: 7, name: 'IMG_0001.mov' })],
    ['changed in a finished part', edited()],
  ])("another file is refused with verifyResume: 'parts' too: one %s", (_, sourceFile) => {
    const upload = begun();
    const before = upload.world.fake.arrivals('uploadPart').length;
    const { error } = resume(upload, { ...PARTS, sourceFile });
    expect(error).toMatchObject({ name: 'SourceError', code: 'source-changed' });
    expect((error as Error).message).not.toContain('verifyResume');
    expect(upload.world.fake.arrivals('uploadPart')).toHaveLength(before);
  });

  it('is compared with the checkpoint where parts may not be listed', () => {
    const upload = begun();
    upload.world.fake.addFaults(on('listParts', { times: Infinity }).respond(403, 'AccessDenied'));
    expect(resume(upload, { ...PARTS, sourceFile: edited() }).error).toMatchObject({ code: 'source-changed' });
    expectFile(upload, resume(upload, { ...PARTS, sourceFile: chosenAgain() }), chosen(), 4);
  });
});

describe('where ETags are no MD5s', () => {
  it.each<[what: string, fake: FakeObsOptions, options: Partial<UploadOptions>, kept: number]>([
    ['SSE-KMS, asked for', {}, { sse: KMS }, 4],
    ['SSE-C', {}, { sse: SSE_C }, 4],
    ['the default encryption of a bucket, of which nobody knows', { etags: 'fast' }, {}, 0],
  ])('the right file is resumed: %s', (_, fake, options, kept) => {
    const upload = begun(fake, options);
    expectFile(upload, resume(upload, { ...PARTS, ...options, sourceFile: chosenAgain() }), chosen(), kept);
  });

  it('SSE-KMS that the request does not name again is known by the checkpoint', () => {
    const upload = begun({}, { sse: KMS });
    expectFile(upload, resume(upload, { ...PARTS, sourceFile: chosenAgain() }), chosen(), 4);
  });

  it('a part that only the server knows is sent again', () => {
    const upload = begun({}, { sse: KMS });
    const checkpoint = { ...upload.checkpoint, parts: upload.checkpoint.parts.slice(0, 2) };
    expectFile(upload, resume({ ...upload, checkpoint }, { ...PARTS, sourceFile: chosenAgain() }), chosen(), 2);
  });

  it('a changed file never becomes a mixture: what is not proven is sent again', () => {
    const upload = begun({ etags: 'fast' });
    expectFile(upload, resume(upload, { ...PARTS, sourceFile: edited() }), edited(), 0);
  });

  it.each([
    ['SSE-KMS', KMS],
    ['SSE-C', SSE_C],
  ])('another file is refused by its sample: %s', (_, sse) => {
    const upload = begun({}, { sse });
    const sourceFile = fakeSource({ size: SIZE, seed: 7 });
    expect(resume(upload, { ...PARTS, sse, sourceFile }).error).toMatchObject({ code: 'source-changed' });
  });
});

describe('a checkpoint store, and the same file with a new name and date', () => {
  function stored(): { readonly world: UploadWorld; readonly checkpointStore: ReturnType<typeof fakeCheckpointStore> } {
    const world = uploadWorld({ bytesPerSecond: null }, {}, chosen());
    const checkpointStore = fakeCheckpointStore();
    interrupted(world, 4, { taskNum: 1, checkpointStore });
    return { world, checkpointStore };
  }

  it("with verifyResume: 'parts' resumes, and forgets it when it is done", () => {
    const { world, checkpointStore } = stored();
    const sourceFile = chosenAgain();
    const events = runVirtually(() => record(world.upload({ ...PARTS, sourceFile, checkpointStore })));
    expectSurvived(world, events);
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(4 * PART);
    expect(world.fake.uploads()).toEqual([]);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('else starts again, and a warning carries the older upload and names the option', () => {
    const { world, checkpointStore } = stored();
    const [older] = [...checkpointStore.entries.values()];
    const sourceFile = chosenAgain();
    const events = runVirtually(() => record(world.upload({ sourceFile, checkpointStore })));
    expectSurvived(world, events);
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(0);
    const [warning, ...others] = eventsOf(events, 'warning');
    expect(others).toEqual([]);
    expect(warning?.error).toMatchObject({ code: 'store', checkpoint: older?.checkpoint });
    expect(warning?.error.message).toContain('IMG_0001.mov');
    expect(warning?.error.message).toContain("verifyResume: 'parts'");
    expect(world.fake.uploads().map(({ uploadId }) => uploadId)).toEqual([
      (older?.checkpoint as UploadCheckpoint).uploadId,
    ]);
  });
});

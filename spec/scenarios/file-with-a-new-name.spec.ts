import type { UploadCheckpoint, UploadEvent, UploadOptions } from 'rx-obs-upload';
import { fakeCheckpointStore, fakeSource, on, type FakeObsOptions, type FakeSource } from 'rx-obs-upload/testing';
import { expectUploaded, interrupted, resumeAsJson } from '../support/scenario-world.js';
import { expectObject, eventsOf, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

const VERIFY_PARTS = { verifyResume: 'parts' } as const;
const SIZE = 20 * PART;
const KMS = { type: 'kms' } as const;
const SSE_C = { type: 'customer', key: new Uint8Array(32).fill(7) } as const;

const bytes = new Uint8Array(SIZE).map((_, i) => i % 251);

/** The file as it was first selected. */
function originalFile(): FakeSource {
  return fakeSource({ bytes, name: 'IMG_0001.mov' });
}

/** The same file as a phone names it later. */
function renamedFile(): FakeSource {
  return fakeSource({ bytes, name: 'image-7F3A.mov', lastModified: 1_800_000_000_000 });
}

/** One byte differs, in a finished part and outside the sample. */
function editedFile(): FakeSource {
  const changed = bytes.slice();
  changed[PART] = (changed[PART] ?? 0) ^ 1;
  return fakeSource({ bytes: changed, name: 'image-7F3A.mov', lastModified: 1_800_000_000_000 });
}

/** Starts an upload and stops it when four parts are on the server. */
function startUpload(options: FakeObsOptions = {}, requested: Partial<UploadOptions> = {}): StartedUpload {
  const world = uploadWorld({ bytesPerSecond: null, ...options }, {}, originalFile());
  return { world, checkpoint: interrupted(world, 4, { taskNum: 1, ...requested }) };
}

interface StartedUpload {
  readonly world: UploadWorld;
  readonly checkpoint: UploadCheckpoint;
}

function resume({ world, checkpoint }: StartedUpload, options: Partial<UploadOptions>): Recording<UploadEvent> {
  return resumeAsJson(world, checkpoint, options);
}

function expectFile(
  { world }: StartedUpload,
  events: Recording<UploadEvent>,
  file: FakeSource,
  resumedParts: number,
): void {
  expect(events.error).toBeUndefined();
  expectObject(world.fake, 'film.mp4', file);
  expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(resumedParts * PART);
}

describe('the same file with a new name and date', () => {
  it("is resumed by its content with verifyResume: 'parts'", () => {
    const upload = startUpload();
    expectFile(upload, resume(upload, { ...VERIFY_PARTS, sourceFile: renamedFile() }), originalFile(), 4);
  });

  it('is refused otherwise, and the error names the option', () => {
    const upload = startUpload();
    const { error } = resume(upload, { sourceFile: renamedFile() });
    expect(error).toMatchObject({ name: 'SourceError', code: 'source-changed', resumable: true });
    expect((error as Error).message).toContain("verifyResume: 'parts'");
  });

  it.each([
    ['of another size', fakeSource({ bytes: bytes.subarray(1), name: 'IMG_0001.mov' })],
    ['of other content', fakeSource({ size: SIZE, seed: 7, name: 'IMG_0001.mov' })],
    ['changed in a finished part', editedFile()],
  ])("is not confused with another file, with verifyResume: 'parts': %s", (_, sourceFile) => {
    const upload = startUpload();
    const before = upload.world.fake.arrivals('uploadPart').length;
    const { error } = resume(upload, { ...VERIFY_PARTS, sourceFile });
    expect(error).toMatchObject({ name: 'SourceError', code: 'source-changed' });
    expect((error as Error).message).not.toContain('verifyResume');
    expect(upload.world.fake.arrivals('uploadPart')).toHaveLength(before);
  });

  it('is compared with the checkpoint if parts may not be listed', () => {
    const upload = startUpload();
    upload.world.fake.addFaults(on('listParts', { times: Infinity }).respond(403, 'AccessDenied'));
    expect(resume(upload, { ...VERIFY_PARTS, sourceFile: editedFile() }).error).toMatchObject({
      code: 'source-changed',
    });
    expectFile(upload, resume(upload, { ...VERIFY_PARTS, sourceFile: renamedFile() }), originalFile(), 4);
  });
});

describe('where ETags are not MD5s', () => {
  it.each<[what: string, fake: FakeObsOptions, options: Partial<UploadOptions>, resumedParts: number]>([
    ['SSE-KMS of the request', {}, { sse: KMS }, 4],
    ['SSE-C', {}, { sse: SSE_C }, 4],
    ['the default encryption of a bucket, unknown to the client', { etags: 'fast' }, {}, 0],
  ])('the right file is resumed: %s', (_, fake, options, resumedParts) => {
    const upload = startUpload(fake, options);
    expectFile(
      upload,
      resume(upload, { ...VERIFY_PARTS, ...options, sourceFile: renamedFile() }),
      originalFile(),
      resumedParts,
    );
  });

  it('SSE-KMS is taken from the checkpoint if the request does not repeat it', () => {
    const upload = startUpload({}, { sse: KMS });
    expectFile(upload, resume(upload, { ...VERIFY_PARTS, sourceFile: renamedFile() }), originalFile(), 4);
  });

  it('a part that is not in the checkpoint is sent again', () => {
    const upload = startUpload({}, { sse: KMS });
    const checkpoint = { ...upload.checkpoint, parts: upload.checkpoint.parts.slice(0, 2) };
    expectFile(
      upload,
      resume({ ...upload, checkpoint }, { ...VERIFY_PARTS, sourceFile: renamedFile() }),
      originalFile(),
      2,
    );
  });

  it('unverified parts of a changed file are sent again, so that files are not mixed', () => {
    const upload = startUpload({ etags: 'fast' });
    expectFile(upload, resume(upload, { ...VERIFY_PARTS, sourceFile: editedFile() }), editedFile(), 0);
  });

  it.each([
    ['SSE-KMS', KMS],
    ['SSE-C', SSE_C],
  ])('another file is refused by its sample: %s', (_, sse) => {
    const upload = startUpload({}, { sse });
    const sourceFile = fakeSource({ size: SIZE, seed: 7 });
    expect(resume(upload, { ...VERIFY_PARTS, sse, sourceFile }).error).toMatchObject({ code: 'source-changed' });
  });
});

describe('a stored upload of the same file with a new name and date', () => {
  function storedUpload(): {
    readonly world: UploadWorld;
    readonly checkpointStore: ReturnType<typeof fakeCheckpointStore>;
  } {
    const world = uploadWorld({ bytesPerSecond: null }, {}, originalFile());
    const checkpointStore = fakeCheckpointStore();
    interrupted(world, 4, { taskNum: 1, checkpointStore });
    return { world, checkpointStore };
  }

  it("is resumed with verifyResume: 'parts', and removed when it completes", () => {
    const { world, checkpointStore } = storedUpload();
    const sourceFile = renamedFile();
    const events = runVirtually(() => record(world.upload({ ...VERIFY_PARTS, sourceFile, checkpointStore })));
    expectUploaded(world, events);
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(4 * PART);
    expect(world.fake.uploads()).toEqual([]);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('is not resumed otherwise, and a warning has its checkpoint and names the option', () => {
    const { world, checkpointStore } = storedUpload();
    const [older] = [...checkpointStore.entries.values()];
    const sourceFile = renamedFile();
    const events = runVirtually(() => record(world.upload({ sourceFile, checkpointStore })));
    expectUploaded(world, events);
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

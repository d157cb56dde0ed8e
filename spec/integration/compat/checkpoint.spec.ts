import { interval, map, take } from 'rxjs';
import { streamSource } from 'rx-obs-upload';
import { bytesOf, fakeSource, on } from 'rx-obs-upload/testing';
import type { ObsUploadCheckpoint, ResumeHook, UploadFileEventType } from 'rx-obs-upload/compat';
import { recordMd5 } from '../../../lib/compat/checkpoint/record-md5.js';
import { at, inVirtualTime } from '../../support/virtual-time.js';
import {
  clientWorld,
  PART,
  recordOf,
  run,
  start,
  suspended,
  throughJson,
  typesOf,
  type ClientWorld,
  type Upload,
} from './support/client-world.js';

function sentAfter({ fake }: ClientWorld, before: number): string[] {
  return fake.log
    .slice(before)
    .map(({ operation, partNumber }) => `${operation}${partNumber === null ? '' : ` ${partNumber}`}`);
}

describe('the checkpoint record', () => {
  it('has the fields of the official SDK, and is updated while the upload runs', () => {
    const world = clientWorld();
    const completedParts: string[] = [];
    const records: ObsUploadCheckpoint[] = [];
    const upload = run(
      world.client,
      world.params({
        TaskNum: 1,
        ResumeCallback: (_, record) => records.push(record),
        EventCallback: (type) => {
          if (type !== 'uploadPartSucceed') return;
          completedParts.push(
            records[0]?.parts.map(({ isCompleted, etag }) => (isCompleted && etag ? '#' : '.')).join('') ?? '',
          );
        },
      }),
    );
    expect(completedParts).toEqual(['#...', '##..', '###.', '####']);
    const { uploadId } = recordOf(upload);
    expect(JSON.parse(JSON.stringify(recordOf(upload)))).toEqual({
      bucket: 'media',
      key: 'film.mp4',
      sourceFile: expect.anything(),
      partSize: PART,
      partCount: 4,
      parts: [1, 2, 3, 4].map((partNumber) => ({
        partNumber,
        offset: (partNumber - 1) * PART,
        partSize: partNumber === 4 ? 1000 : PART,
        isCompleted: true,
        etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      })),
      fileStat: { fileSize: 3 * PART + 1000, lastModified: 1_700_000_000_000 },
      uploadId,
      md5: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
      resume: expect.objectContaining({ server: 'https://obs.test', fileName: 'film.mp4' }),
    });
  });

  it('is passed once, after initiate, and contains the uploaded file', () => {
    const world = clientWorld();
    const upload = run(world.client, world.params());
    expect(upload.records).toHaveLength(1);
    expect(recordOf(upload).sourceFile).toBe(world.file);
    expect(typesOf(upload)[0]).toBe('initiateMultipartUploadSucceed');
  });

  it.each([
    ['as the same object', (record: ObsUploadCheckpoint) => ({ UploadCheckpoint: record })],
    ['after JSON', (record: ObsUploadCheckpoint, world: ClientWorld) => withFile(throughJson(record), world)],
    ['as a frozen object', (record: ObsUploadCheckpoint) => ({ UploadCheckpoint: Object.freeze(record) })],
    [
      'with its properties in another order',
      (record: ObsUploadCheckpoint, world: ClientWorld) => withFile(withReversedProperties(throughJson(record)), world),
    ],
  ] as const)('can be resumed %s, which sends only the missing parts', (_, paramsFor) => {
    const world = clientWorld();
    const record = suspended(world, { Metadata: { b: '2', a: '1' }, StorageClass: 'WARM' });
    const before = world.fake.log.length;
    const upload = run(world.connect(), paramsFor(record, world));
    expect(upload.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
    expect(sentAfter(world, before)).toEqual([
      'listParts',
      'uploadPart 2',
      'uploadPart 3',
      'uploadPart 4',
      'completeMultipartUpload',
    ]);
    expect(recordOf(upload).parts.every(({ isCompleted }) => isCompleted)).toBe(true);
    expect(upload.progress[0]?.[0]).toBeGreaterThanOrEqual(PART);
  });

  it('can be resumed for an empty file, whatever PartSize was', () => {
    const world = clientWorld({}, 0);
    const record = suspended(world, { PartSize: PART });
    expect(record).toMatchObject({ partSize: 0, partCount: 1, parts: [{ partSize: 0, isCompleted: true }] });
    const before = world.fake.log.length;
    const upload = run(world.connect(), withFile(throughJson(record), world));
    expect(upload.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
    expect(sentAfter(world, before)).toEqual(['listParts', 'completeMultipartUpload']);
  });

  it.each<[string, UploadFileEventType]>([
    ['before anything is sent', 'initiateMultipartUploadSucceed'],
    ['after its first part', 'uploadPartSucceed'],
  ])('resumes a stream that was suspended %s', (_, moment) => {
    const world = clientWorld();
    const bytes = bytesOf(fakeSource({ size: 3 * PART + 1000 }));
    const chunk$ = interval(50).pipe(
      take(4),
      map((i) => bytes.subarray(i * PART, (i + 1) * PART)),
    );
    const hooks: ResumeHook[] = [];
    const uploads: Upload[] = [];
    inVirtualTime(() => {
      const first = world.params({
        SourceFile: streamSource(chunk$),
        ResumeCallback: (hook) => hooks.push(hook),
        EventCallback: (type) => type === moment && hooks[0]?.cancel(),
      });
      uploads.push(start(world.client, first));
      at(1000, () => uploads.push(start(world.client, { UploadCheckpoint: recordOf(uploads[0] as Upload) })));
    });
    expect(uploads[1]?.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
    expect(world.fake.object('film.mp4')?.bytes).toEqual(bytes);
    const stored = world.fake
      .arrivals('uploadPart')
      .flatMap(({ status, partNumber }) => (status === 200 ? [partNumber] : []));
    expect(stored).toEqual([1, 2, 3, 4]);
    expect(recordOf(uploads[0] as Upload)).toMatchObject({
      partSize: PART,
      partCount: 4,
      fileStat: { fileSize: bytes.length },
    });
  });

  it('is updated in place if the same object is passed', () => {
    const world = clientWorld();
    const record = suspended(world);
    const upload = run(world.client, { UploadCheckpoint: record });
    expect(recordOf(upload)).toBe(record);
  });

  it('is passed with the hook at once on resume', () => {
    const world = clientWorld();
    const record = suspended(world);
    const before = world.fake.log.length;
    const sent: number[] = [];
    const upload = run(world.client, {
      UploadCheckpoint: record,
      ResumeCallback: () => sent.push(world.fake.log.length - before),
    });
    expect(sent).toEqual([0]);
    expect(recordOf(upload)).toBe(record);
  });

  it('restarts if the upload no longer exists, and contains the new upload id', () => {
    const world = clientWorld();
    const record = suspended(world);
    const { uploadId } = record;
    world.fake.abortAllUploads();
    const upload = run(world.client, { UploadCheckpoint: record });
    expect(upload.outcomes).toMatchObject([{ error: null }]);
    expect(upload.hooks).toHaveLength(1);
    expect(typesOf(upload).filter((type) => type === 'initiateMultipartUploadSucceed')).toHaveLength(1);
    expect(record.uploadId).not.toBe(uploadId);
    expect(record.parts.every(({ isCompleted }) => isCompleted)).toBe(true);
  });

  it('sends parts again that the server has lost', () => {
    const world = clientWorld();
    const record = suspended(world);
    world.fake.deletePart(record.uploadId ?? '', 1);
    const before = world.fake.log.length;
    run(world.client, { UploadCheckpoint: record });
    expect(sentAfter(world, before)).toContain('uploadPart 1');
    expect(world.fake.object('film.mp4')).not.toBeNull();
  });

  it('can be resumed from the error of a failed upload', () => {
    const world = clientWorld({ faults: [on('uploadPart', { partNumber: 3, times: 1 }).respond(500)] });
    const failed = run(world.client, world.params({ TaskNum: 1 }));
    const error = failed.outcomes[0]?.error;
    expect(error).toMatchObject({ code: 'service', status: 500, part: 3 });
    expect(error?.checkpoint).toBe(recordOf(failed));
    const resumed = run(world.client, { UploadCheckpoint: error?.checkpoint });
    expect(resumed.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
    expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(4);
  });

  it('is updated once for each part', () => {
    const size = 500 * PART;
    const world = clientWorld({ latencyMs: 0, bytesPerSecond: null, etags: 'fast', progressSteps: 1 }, size);
    let updates = 0;
    const upload = run(
      world.client,
      world.params({
        ResumeCallback: (_, record) => {
          for (const part of record.parts) {
            let isCompleted = false;
            Object.defineProperty(part, 'isCompleted', {
              get: () => isCompleted,
              set: (value: boolean) => {
                updates++;
                isCompleted = value;
              },
            });
          }
        },
      }),
    );
    expect(upload.outcomes).toMatchObject([{ error: null }]);
    expect(updates).toBe(500);
  });
});

describe('a checkpoint record is rejected', () => {
  const refusals: readonly [string, (record: ObsUploadCheckpoint, world: ClientWorld) => object, object][] = [
    [
      'for another file of the same name, size and date',
      (record, { file }) => ({
        UploadCheckpoint: record,
        SourceFile: fakeSource({ ...file, size: file.size, seed: 2 }),
      }),
      { code: 'source-changed', message: expect.stringContaining('not the file') },
    ],
    [
      'for a file of another size',
      (record) => ({ UploadCheckpoint: record, SourceFile: fakeSource({ name: 'film.mp4', size: 7 }) }),
      { code: 'source-changed' },
    ],
    [
      'after JSON without its file',
      (record) => ({ UploadCheckpoint: throughJson(record) }),
      { code: 'invalid-options', message: expect.stringContaining('passed again') },
    ],
    [
      'for another key',
      (record) => ({ UploadCheckpoint: record, Bucket: 'media', Key: 'other.mp4' }),
      { code: 'checkpoint', message: expect.stringContaining('another key') },
    ],
    [
      'if it was changed',
      (record, world) => withFile({ ...throughJson(record), partSize: PART + 1 }, world),
      { code: 'checkpoint', message: expect.stringContaining('changed') },
    ],
    [
      'if a missing part is marked as completed',
      (record, world) => {
        const changed = throughJson(record);
        return withFile({ ...changed, parts: changed.parts.map((part) => ({ ...part, isCompleted: true })) }, world);
      },
      { code: 'checkpoint' },
    ],
    [
      'if it was created by the official SDK',
      (record, world) => withFile({ ...throughJson(record), resume: undefined }, world),
      { code: 'checkpoint', message: expect.stringContaining('another library') },
    ],
    [
      'if its parts are missing',
      (record, world) => withFile({ ...throughJson(record), parts: undefined }, world),
      { code: 'checkpoint' },
    ],
  ];

  it.each(refusals)('%s, and the parts on the server are kept', (_, paramsFor, error) => {
    const world = clientWorld();
    const record = suspended(world);
    const before = world.fake.log.length;
    const upload = run(world.client, paramsFor(record, world));
    expect(upload.outcomes).toMatchObject([{ result: null, error }]);
    expect(sentAfter(world, before)).toEqual([]);
    expect(world.fake.partsOf(record.uploadId ?? '')).toHaveLength(1);
  });

  it('for another file, but can still be resumed with its own', () => {
    const world = clientWorld();
    const record = suspended(world);
    run(world.client, { UploadCheckpoint: record, SourceFile: fakeSource({ name: 'film.mp4', size: 7 }) });
    expect(record.sourceFile).toBe(world.file);
    expect(run(world.client, { UploadCheckpoint: record }).outcomes).toMatchObject([{ error: null }]);
  });

  it('by a client of another server', () => {
    const world = clientWorld();
    const record = suspended(world);
    const upload = run(world.connect({ server: 'https://other.test' }), { UploadCheckpoint: record });
    expect(upload.outcomes).toMatchObject([{ error: { code: 'checkpoint' } }]);
  });

  it('after its upload was aborted, unless all parameters are passed again', () => {
    const world = clientWorld();
    const record = suspended(world);
    inVirtualTime(() => {
      const upload = start(world.client, { UploadCheckpoint: record });
      at(15, () => upload.hooks[0]?.abort());
    });
    expect(record.uploadId).toBeUndefined();
    const alone = run(world.client, { UploadCheckpoint: record });
    expect(alone.outcomes).toMatchObject([{ error: { code: 'invalid-options' } }]);
    const restarted = run(world.client, world.params({ UploadCheckpoint: record }));
    expect(restarted.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
    expect(typesOf(restarted)[0]).toBe('initiateMultipartUploadSucceed');
  });
});

describe('the SSE-C key', () => {
  const SseCKey = 'abcdefghijklmnopqrstuvwxyz012345';
  const sse = { SseC: 'AES256', SseCKey };

  it('is not in the record, but is not needed to resume the same record object', () => {
    const world = clientWorld();
    const record = suspended(world, sse);
    expect(JSON.stringify(record)).not.toContain(SseCKey);
    expect(JSON.stringify(record)).not.toContain(btoa(SseCKey));
    const upload = run(world.client, { UploadCheckpoint: record });
    expect(upload.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
  });

  it('must be passed again after JSON, and must be the same', () => {
    const world = clientWorld();
    const record = throughJson(suspended(world, sse));
    const resume = (options: object): unknown =>
      run(world.client, { ...withFile(record, world), ...options }).outcomes[0]?.error?.code;
    expect(resume({})).toBe('invalid-options');
    expect(resume({ ...sse, SseCKey: SseCKey.toUpperCase() })).toBe('invalid-options');
    expect(resume(sse)).toBeUndefined();
  });
});

describe('ACL, tags and callback', () => {
  const rights = {
    ACL: 'public-read',
    Tags: 'team=video',
    CallbackUrl: 'http://app.test/done?token=s3cret',
    CallbackBody: 'key=$(key)',
  };

  it('are not in the record, but are used if the same record object is resumed', () => {
    const calledUrls: string[] = [];
    const world = clientWorld({ callback: (request) => (calledUrls.push(...request.urls), '{}') });
    const record = suspended(world, rights);
    for (const text of ['public-read', 'team', 's3cret']) expect(JSON.stringify(record)).not.toContain(text);
    const upload = run(world.client, { UploadCheckpoint: record });
    expect(upload.outcomes).toMatchObject([{ error: null, result: { InterfaceResult: { CallbackResponseBody: {} } } }]);
    expect(calledUrls.map(decodeURIComponent)).toEqual([rights.CallbackUrl]);
    expect(world.fake.object('film.mp4')?.options).toMatchObject({ acl: 'public-read', tagging: 'team=video' });
  });

  it('are used if the same record object is restarted', () => {
    const world = clientWorld();
    const record = suspended(world, rights);
    world.fake.abortAllUploads();
    expect(run(world.client, { UploadCheckpoint: record }).outcomes).toMatchObject([{ error: null }]);
    expect(world.fake.object('film.mp4')?.options).toMatchObject({ acl: 'public-read', tagging: 'team=video' });
  });

  it.each([
    ['on resume', 'CallbackUrl', false, { ACL: undefined }],
    ['on restart', 'ACL', true, { ...rights, ACL: undefined }],
  ])('must be passed again after JSON, %s: %s', (_, param, isDeleted, incomplete) => {
    const world = clientWorld();
    const record = throughJson(suspended(world, rights));
    if (isDeleted) world.fake.abortAllUploads();
    const resume = (options: object): unknown =>
      run(world.client, { ...withFile(record, world), ...options }).outcomes[0]?.error;
    expect(resume(incomplete)).toMatchObject({ code: 'invalid-options', message: expect.stringContaining(param) });
    expect(world.fake.object('film.mp4')).toBeNull();
    expect(resume(rights)).toBeNull();
  });

  it('are ignored if they were added to the record', () => {
    const world = clientWorld();
    const record = throughJson(suspended(world));
    const resume = {
      ...record.resume,
      object: { acl: 'public-read', callback: { url: 'http://evil.test', body: 'x' } },
    };
    const forged = { ...record, resume } as unknown as ObsUploadCheckpoint;
    world.fake.abortAllUploads();
    const upload = run(world.client, withFile({ ...forged, md5: recordMd5(forged) }, world));
    expect(upload.outcomes).toMatchObject([{ error: null }]);
    expect(world.fake.object('film.mp4')?.options).not.toHaveProperty('acl');
    expect(JSON.stringify(world.fake.log.map(({ headers }) => headers))).not.toContain('x-obs-callback');
  });
});

function withFile(record: object, { file }: ClientWorld): object {
  return { UploadCheckpoint: record, SourceFile: file };
}

function withReversedProperties(value: unknown): object {
  const reverse = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(reverse);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(
      Object.entries(item)
        .reverse()
        .map(([name, field]) => [name, reverse(field)]),
    );
  };
  return reverse(value) as object;
}

import { InvalidOptionsError, type UploadCheckpoint, type UploadOptions } from 'rx-obs-upload';
import { fakeCheckpointStore } from 'rx-obs-upload/testing';
import { asJson, expectUploaded, interrupted, resumeAsJson } from '../support/scenario-world.js';
import { eventsOf, lastCheckpoint, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

const callback = { url: 'https://app.example/done?token=s3cret', body: 'key=$(key)' };
/** Options that only initiate sends. */
const initiateOptions: readonly [option: string, given: Partial<UploadOptions>, header: Record<string, string>][] = [
  ['acl', { acl: 'public-read' }, { acl: 'public-read' }],
  ['websiteRedirectLocation', { websiteRedirectLocation: '/b' }, { 'website-redirect-location': '/b' }],
  ['expires', { expires: 3 }, { expires: '3' }],
  ['tagging', { tagging: { team: 'video' } }, { tagging: 'team=video' }],
];

/** Starts an upload with these options, and stops it when two of its four parts are on the server. */
function startUpload(world: UploadWorld, options: Partial<UploadOptions> = {}): UploadCheckpoint {
  return interrupted(world, 2, { taskNum: 1, ...options });
}

function requestsAfter({ fake }: UploadWorld, before: number): unknown[] {
  return fake.log.slice(before).map(({ operation }) => operation);
}

describe('a checkpoint, which somebody else may have written', () => {
  const planted = {
    acl: 'public-read-write',
    websiteRedirectLocation: 'https://evil.example/',
    expires: 1,
    tagging: { owner: 'mallory' },
    callback: { url: 'https://evil.example/', body: 'x' },
  };

  it.each([
    ['resumed', false],
    ['restarted', true],
  ])('gives no rights when it is %s', (_, isGone) => {
    const called: unknown[] = [];
    const world = uploadWorld({ callback: (request) => (called.push(request), '{}') });
    const good = startUpload(world, { metadata: { a: 'b' } });
    if (isGone) world.fake.abortUpload(good.uploadId);
    const resumed = resumeAsJson(world, { ...good, object: { ...good.object, ...planted } });
    expectUploaded(world, resumed);
    expect(called).toEqual([]);
    expect(world.fake.object('film.mp4')?.options).toMatchObject({ 'meta-a': 'b' });
    const sent = JSON.stringify(world.fake.log.map(({ headers }) => headers));
    for (const text of ['public-read-write', 'evil.example', 'mallory', 'callback']) expect(sent).not.toContain(text);
    expect(JSON.stringify(eventsOf(resumed, 'checkpoint'))).not.toContain('evil.example');
  });

  it('names the requested rights without their values', () => {
    const world = uploadWorld();
    const checkpoint = startUpload(world, {
      callback,
      acl: 'public-read',
      tagging: { team: 'video' },
      contentType: 'a/b',
    });
    expect(checkpoint).toMatchObject({ object: { contentType: 'a/b' }, rights: ['acl', 'tagging', 'callback'] });
    for (const text of ['s3cret', 'public-read', 'video']) expect(JSON.stringify(checkpoint)).not.toContain(text);
    expect(startUpload(uploadWorld(), { contentType: 'a/b' })).not.toHaveProperty('rights');
  });

  it.each<[what: string, rights: unknown, field: string]>([
    ['not a list', 'acl', 'rights'],
    ['unknown options', ['acl', 'format-disk'], 'rights[1]'],
    ['not strings', [{}], 'rights[0]'],
    ['repeated endlessly', new Array(100_000).fill('acl'), 'rights'],
  ])('is refused before any request if its rights are %s', (_, rights, field) => {
    const world = uploadWorld();
    const changed = { ...startUpload(world), rights } as unknown as UploadCheckpoint;
    const before = world.fake.log.length;
    expect(resumeAsJson(world, changed).error).toMatchObject({ name: 'CheckpointError', field });
    expect(world.fake.log).toHaveLength(before);
  });
});

describe('a right that complete sends', () => {
  it('must be passed again on resume, which otherwise fails before any request', () => {
    const world = uploadWorld();
    const checkpoint = startUpload(world, { callback });
    const before = world.fake.log.length;
    const resumed = resumeAsJson(world, checkpoint);
    expect(resumed.error).toBeInstanceOf(InvalidOptionsError);
    expect(resumed.error).toMatchObject({ option: 'callback', resumable: false });
    expect((resumed.error as Error).message).toContain('callback must be passed again');
    expect(requestsAfter(world, before)).toEqual([]);
    expect(world.fake.uploads()).toHaveLength(1);
  });

  it('is taken from the request', () => {
    const urls: string[] = [];
    const world = uploadWorld({ callback: (request) => (urls.push(...request.urls), '{}') });
    const checkpoint = startUpload(world, { callback });
    const renewed = { ...callback, url: 'https://app.example/done?token=renewed' };
    expectUploaded(world, resumeAsJson(world, checkpoint, { callback: renewed }));
    expect(urls.map(decodeURIComponent)).toEqual([renewed.url]);
  });

  it('is not required with a store, which then starts a new upload with a warning', () => {
    const world = uploadWorld();
    const checkpointStore = fakeCheckpointStore();
    startUpload(world, { callback, checkpointStore });
    const events = runVirtually(() => record(world.upload({ checkpointStore })));
    expectUploaded(world, events);
    expect(eventsOf(events, 'warning')).toHaveLength(1);
    expect(eventsOf(events, 'started')).toMatchObject([{ resumedBytes: 0 }]);
  });
});

describe('a right that only initiate sends', () => {
  it.each(initiateOptions)('is not required on resume, and the object has it: %s', (_, given, header) => {
    const world = uploadWorld();
    const checkpoint = startUpload(world, given);
    expectUploaded(world, resumeAsJson(world, checkpoint));
    expect(world.fake.object('film.mp4')?.options).toMatchObject(header);
  });

  it.each(initiateOptions)(
    'is required on restart, which otherwise fails before it starts an upload: %s',
    (option, given) => {
      const world = uploadWorld();
      const checkpoint = startUpload(world, given);
      world.fake.abortUpload(checkpoint.uploadId);
      const before = world.fake.log.length;
      const resumed = resumeAsJson(world, checkpoint);
      expect(resumed.error).toMatchObject({ name: 'InvalidOptionsError', option, resumable: false, checkpoint });
      expect((resumed.error as Error).message).toContain(`${option} must be passed again`);
      expect(eventsOf(resumed, 'restarted')).toEqual([]);
      expect(requestsAfter(world, before)).not.toContain('initiateMultipartUpload');
      expect(world.fake.uploads()).toEqual([]);
    },
  );

  it.each(initiateOptions)('makes the same object on restart, and is still named: %s', (option, given, header) => {
    const world = uploadWorld();
    const checkpoint = startUpload(world, given);
    world.fake.abortUpload(checkpoint.uploadId);
    const resumed = resumeAsJson(world, checkpoint, given);
    expectUploaded(world, resumed);
    expect(world.fake.object('film.mp4')?.options).toMatchObject(header);
    expect(lastCheckpoint(resumed).rights).toEqual([option]);
  });

  it('is still named after a resume without it', () => {
    const world = uploadWorld();
    const checkpoint = startUpload(world, { acl: 'public-read' });
    expect(lastCheckpoint(resumeAsJson(world, checkpoint)).rights).toEqual(['acl']);
  });

  it('is not required to find a finished upload', () => {
    const world = uploadWorld();
    const checkpoint = interrupted(world, 4, { taskNum: 1, acl: 'public-read' });
    expectUploaded(world, resumeAsJson(world, checkpoint));
    expectUploaded(world, resumeAsJson(world, checkpoint));
  });
});

describe('an option that gives no rights', () => {
  it('is taken from the checkpoint, so that a restart makes the same object', () => {
    const world = uploadWorld();
    const options: Partial<UploadOptions> = {
      contentType: 'video/mp4',
      metadata: { a: 'b' },
      storageClass: 'WARM',
      cacheControl: 'no-cache',
      contentDisposition: 'attachment',
      contentEncoding: 'identity',
      contentLanguage: 'en',
      sse: { type: 'AES256' },
    };
    const checkpoint = asJson(startUpload(world, options));
    world.fake.abortUpload(checkpoint.uploadId);
    expectUploaded(world, resumeAsJson(world, checkpoint));
    const initiated = world.fake.arrivals('initiateMultipartUpload').map(({ headers }) => headers);
    for (const name of [
      'content-type',
      'x-obs-meta-a',
      'x-obs-storage-class',
      'cache-control',
      'content-disposition',
    ]) {
      expect([name, initiated[1]?.[name]]).toEqual([name, initiated[0]?.[name]]);
    }
    expect(initiated[1]).toHaveProperty('x-obs-server-side-encryption', 'AES256');
  });
});

import { InvalidOptionsError, type UploadCheckpoint, type UploadOptions } from 'rx-obs-upload';
import { fakeCheckpointStore } from 'rx-obs-upload/testing';
import { asJson, expectSurvived, interrupted, resumeAsJson } from '../support/scenario-world.js';
import { eventsOf, lastCheckpoint, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

const callback = { url: 'https://app.example/done?token=s3cret', body: 'key=$(key)' };
/** What only initiate carries. */
const ofInitiate: readonly [option: string, given: Partial<UploadOptions>, header: Record<string, string>][] = [
  ['acl', { acl: 'public-read' }, { acl: 'public-read' }],
  ['websiteRedirectLocation', { websiteRedirectLocation: '/b' }, { 'website-redirect-location': '/b' }],
  ['expires', { expires: 3 }, { expires: '3' }],
  ['tagging', { tagging: { team: 'video' } }, { tagging: 'team=video' }],
];

/** An upload that asked for this, and has two of its four parts on the server. */
function begun(world: UploadWorld, options: Partial<UploadOptions> = {}): UploadCheckpoint {
  return interrupted(world, 2, { taskNum: 1, ...options });
}

function requestsAfter({ fake }: UploadWorld, before: number): unknown[] {
  return fake.log.slice(before).map(({ operation }) => operation);
}

describe('a checkpoint that somebody else may have written gives no rights', () => {
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
  ])('%s: no right in its object is acted on, of an old or a changed checkpoint', (_, isGone) => {
    const called: unknown[] = [];
    const world = uploadWorld({ callback: (request) => (called.push(request), '{}') });
    const good = begun(world, { metadata: { a: 'b' } });
    if (isGone) world.fake.abortUpload(good.uploadId);
    const resumed = resumeAsJson(world, { ...good, object: { ...good.object, ...planted } });
    expectSurvived(world, resumed);
    expect(called).toEqual([]);
    expect(world.fake.object('film.mp4')?.options).toMatchObject({ 'meta-a': 'b' });
    const sent = JSON.stringify(world.fake.log.map(({ headers }) => headers));
    for (const text of ['public-read-write', 'evil.example', 'mallory', 'callback']) expect(sent).not.toContain(text);
    expect(JSON.stringify(eventsOf(resumed, 'checkpoint'))).not.toContain('evil.example');
  });

  it('names what was asked for, and none of the values', () => {
    const world = uploadWorld();
    const checkpoint = begun(world, { callback, acl: 'public-read', tagging: { team: 'video' }, contentType: 'a/b' });
    expect(checkpoint).toMatchObject({ object: { contentType: 'a/b' }, rights: ['acl', 'tagging', 'callback'] });
    for (const text of ['s3cret', 'public-read', 'video']) expect(JSON.stringify(checkpoint)).not.toContain(text);
    expect(begun(uploadWorld(), { contentType: 'a/b' })).not.toHaveProperty('rights');
  });

  it.each<[what: string, rights: unknown, field: string]>([
    ['a list of anything else', 'acl', 'rights'],
    ['options that there are not', ['acl', 'format-disk'], 'rights[1]'],
    ['what is not text', [{}], 'rights[0]'],
    ['the same ones for ever', new Array(100_000).fill('acl'), 'rights'],
  ])('with %s in place of their names: CheckpointError before any request', (_, rights, field) => {
    const world = uploadWorld();
    const changed = { ...begun(world), rights } as unknown as UploadCheckpoint;
    const before = world.fake.log.length;
    expect(resumeAsJson(world, changed).error).toMatchObject({ name: 'CheckpointError', field });
    expect(world.fake.log).toHaveLength(before);
  });
});

describe('what complete carries', () => {
  it('must be given again on resume: InvalidOptionsError before any request', () => {
    const world = uploadWorld();
    const checkpoint = begun(world, { callback });
    const before = world.fake.log.length;
    const resumed = resumeAsJson(world, checkpoint);
    expect(resumed.error).toBeInstanceOf(InvalidOptionsError);
    expect(resumed.error).toMatchObject({ option: 'callback', resumable: false });
    expect((resumed.error as Error).message).toContain('callback must be passed again');
    expect(requestsAfter(world, before)).toEqual([]);
    expect(world.fake.uploads()).toHaveLength(1);
  });

  it('is taken from the request, as it is there', () => {
    const urls: string[] = [];
    const world = uploadWorld({ callback: (request) => (urls.push(...request.urls), '{}') });
    const checkpoint = begun(world, { callback });
    const renewed = { ...callback, url: 'https://app.example/done?token=renewed' };
    expectSurvived(world, resumeAsJson(world, checkpoint, { callback: renewed }));
    expect(urls.map(decodeURIComponent)).toEqual([renewed.url]);
  });

  it('without it a store leads to an upload as the request says, and a warning', () => {
    const world = uploadWorld();
    const checkpointStore = fakeCheckpointStore();
    begun(world, { callback, checkpointStore });
    const events = runVirtually(() => record(world.upload({ checkpointStore })));
    expectSurvived(world, events);
    expect(eventsOf(events, 'warning')).toHaveLength(1);
    expect(eventsOf(events, 'started')).toMatchObject([{ resumedBytes: 0 }]);
  });
});

describe('what only initiate carries', () => {
  it.each(ofInitiate)('%s: a resume continues without it, the object has it', (_, given, header) => {
    const world = uploadWorld();
    const checkpoint = begun(world, given);
    expectSurvived(world, resumeAsJson(world, checkpoint));
    expect(world.fake.object('film.mp4')?.options).toMatchObject(header);
  });

  it.each(ofInitiate)('%s: a restart without it fails and says so, before it makes anything', (option, given) => {
    const world = uploadWorld();
    const checkpoint = begun(world, given);
    world.fake.abortUpload(checkpoint.uploadId);
    const before = world.fake.log.length;
    const resumed = resumeAsJson(world, checkpoint);
    expect(resumed.error).toMatchObject({ name: 'InvalidOptionsError', option, resumable: false, checkpoint });
    expect((resumed.error as Error).message).toContain(`${option} must be passed again`);
    expect(eventsOf(resumed, 'restarted')).toEqual([]);
    expect(requestsAfter(world, before)).not.toContain('initiateMultipartUpload');
    expect(world.fake.uploads()).toEqual([]);
  });

  it.each(ofInitiate)('%s: a restart with it makes the same object, and still names it', (option, given, header) => {
    const world = uploadWorld();
    const checkpoint = begun(world, given);
    world.fake.abortUpload(checkpoint.uploadId);
    const resumed = resumeAsJson(world, checkpoint, given);
    expectSurvived(world, resumed);
    expect(world.fake.object('film.mp4')?.options).toMatchObject(header);
    expect(lastCheckpoint(resumed).rights).toEqual([option]);
  });

  it('is still named after a resume without it', () => {
    const world = uploadWorld();
    const checkpoint = begun(world, { acl: 'public-read' });
    expect(lastCheckpoint(resumeAsJson(world, checkpoint)).rights).toEqual(['acl']);
  });

  it('a finished upload is found without it', () => {
    const world = uploadWorld();
    const checkpoint = interrupted(world, 4, { taskNum: 1, acl: 'public-read' });
    expectSurvived(world, resumeAsJson(world, checkpoint));
    expectSurvived(world, resumeAsJson(world, checkpoint));
  });
});

describe('what gives no rights', () => {
  it('comes back from the checkpoint: a restart makes the same object', () => {
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
    const checkpoint = asJson(begun(world, options));
    world.fake.abortUpload(checkpoint.uploadId);
    expectSurvived(world, resumeAsJson(world, checkpoint));
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

import { config } from 'rxjs';
import { on, type FaultRule } from 'rx-obs-upload/testing';
import type { ResumeHook, UploadFileParams } from 'rx-obs-upload/compat';
import { at, inVirtualTime } from '../../support/virtual-time.js';
import { clientWorld, run, start, typesOf, type Upload } from './support/client-world.js';

const always = { times: Infinity };

describe('the callback of uploadFile is called exactly once', () => {
  const endings: readonly [name: string, code: string | number, fault: FaultRule | null, params?: object][] = [
    ['success', 200, null],
    ['initiate refused', 403, on('initiateMultipartUpload', always).respond(403, 'AccessDenied')],
    ['initiate broken', 500, on('initiateMultipartUpload', always).respond(500)],
    ['initiate unheard', 'network', on('initiateMultipartUpload', always).reset()],
    ['initiate answered by a login page', 'bad-response', on('initiateMultipartUpload', always).htmlPage()],
    ['initiate in silence', 'stalled', on('initiateMultipartUpload', always).stall('before-response')],
    ['a part refused', 'service', on('uploadPart', { ...always, partNumber: 2 }).respond(403, 'AccessDenied')],
    ['a part broken', 'service', on('uploadPart', { ...always, partNumber: 2 }).respond(500)],
    ['a part unheard', 'network', on('uploadPart', { ...always, partNumber: 2 }).reset()],
    ['a part in silence', 'stalled', on('uploadPart', { ...always, partNumber: 2 }).stall('mid-body')],
    ['complete refused', 400, on('completeMultipartUpload', always).respond(400, 'EntityTooSmall')],
    ['complete broken', 503, on('completeMultipartUpload', always).respond(503)],
    ['complete with an error in 200', 'service', on('completeMultipartUpload', always).errorIn200()],
    ['complete unheard', 'network', on('completeMultipartUpload', always).reset()],
    ['everything unheard', 'network', on('any', always).reset()],
    ['no bucket', 'invalid-options', null, { Bucket: undefined }],
    ['a key that no browser sends', 'invalid-options', null, { Key: 'a/../b' }],
    ['no file', 'invalid-options', null, { SourceFile: undefined }],
    ['an invalid file', 'invalid-options', null, { SourceFile: 'film.mp4' }],
    ['no task', 'invalid-options', null, { TaskNum: -1 }],
    ['an invalid checkpoint', 'checkpoint', null, { UploadCheckpoint: 'film.mp4' }],
  ];

  it.each(endings)('%s', (_, code, fault, params = {}) => {
    const world = clientWorld({ faults: fault === null ? [] : [fault] });
    const upload = run(world.client, world.params(params));
    expect(upload.outcomes).toHaveLength(1);
    const [outcome] = upload.outcomes;
    if (typeof code === 'number') {
      expect(outcome).toMatchObject({ error: null, result: { CommonMsg: { Status: code } } });
      expect(outcome?.result?.InterfaceResult === undefined).toBe(code >= 300);
    } else {
      expect(outcome).toMatchObject({ result: null, error: { name: 'ObsClientError', code } });
    }
    expect(world.fake.inFlight()).toBe(0);
  });

  it('never before the call has returned', () => {
    const world = clientWorld();
    const order: string[] = [];
    inVirtualTime(() => {
      world.client.uploadFile(world.params({ Bucket: '' }), () => order.push('callback'));
      order.push('returned');
    });
    expect(order).toEqual(['returned', 'callback']);
  });

  it('after hook.cancel() has returned', () => {
    const world = clientWorld();
    const order: string[] = [];
    inVirtualTime(() => {
      const ResumeCallback = (hook: ResumeHook): void => {
        hook.cancel();
        order.push('cancelled');
      };
      world.client.uploadFile(world.params({ ResumeCallback }), () => order.push('callback'));
    });
    expect(order).toEqual(['cancelled', 'callback']);
  });

  /** Whatever the hook is asked, again and again, at each millisecond of an upload. */
  it.each(['cancel', 'abort'] as const)('whenever hook.%s() is called', (ask) => {
    for (let ms = 1; ms < 340; ms += 7) {
      const world = clientWorld();
      let upload: Upload | null = null;
      inVirtualTime(() => {
        const started = start(world.client, world.params());
        upload = started;
        at(ms, () => started.hooks[0]?.[ask]());
        at(ms, () => started.hooks[0]?.cancel());
        at(ms + 1, () => started.hooks[0]?.abort());
      });
      const { outcomes, hooks } = upload as unknown as Upload;
      expect(outcomes).toHaveLength(1);
      const { error, result } = outcomes[0] ?? {};
      const isDone = result?.CommonMsg.Status === 200;
      expect(isDone || error?.code === (ask === 'cancel' ? 'suspended' : 'aborted')).toBe(true);
      if (ask === 'abort' && hooks.length > 0 && !isDone) expect(world.fake.uploads()).toHaveLength(0);
      expect(world.fake.inFlight()).toBe(0);
    }
  });
});

describe('callbacks that throw', () => {
  const unhandled: unknown[] = [];

  beforeEach(() => {
    unhandled.length = 0;
    config.onUnhandledError = (error) => unhandled.push(error);
  });

  afterEach(() => {
    config.onUnhandledError = null;
  });

  const fail = (what: string) => (): void => {
    throw new Error(`${what} throws`);
  };

  it.each(['EventCallback', 'ProgressCallback', 'ResumeCallback'] as const)(
    'a throwing %s does not stop the upload, and is not lost',
    (name) => {
      const world = clientWorld();
      const upload = run(world.client, world.params({ [name]: fail(name) }));
      expect(upload.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
      expect(unhandled).toContainEqual(new Error(`${name} throws`));
      expect(world.fake.object('film.mp4')).not.toBeNull();
    },
  );

  it.each([
    ['a result', {}],
    ['an error', { Bucket: '' }],
  ])('a callback that throws on %s is not called again', (_, options) => {
    const world = clientWorld();
    let calls = 0;
    inVirtualTime(() => {
      world.client.uploadFile(world.params(options), () => {
        calls++;
        throw new Error('the callback throws');
      });
    });
    expect(calls).toBe(1);
    expect(unhandled).toEqual([new Error('the callback throws')]);
  });

  it('all of them', () => {
    const world = clientWorld();
    const params: UploadFileParams = world.params({
      EventCallback: fail('EventCallback'),
      ProgressCallback: fail('ProgressCallback'),
      ResumeCallback: fail('ResumeCallback'),
    });
    const upload = run(world.client, params);
    expect(upload.outcomes).toHaveLength(1);
    expect(typesOf(upload).at(-1)).toBe('completeMultipartUploadSucceed');
  });
});

describe('without a callback', () => {
  it('gives a Promise of the result, refusals included', async () => {
    const world = clientWorld({ latencyMs: 0, bytesPerSecond: null });
    await expect(world.client.uploadFile(world.params())).resolves.toMatchObject({
      CommonMsg: { Status: 200 },
      InterfaceResult: { Bucket: 'media', Key: 'film.mp4', ETag: `"${world.fake.object('film.mp4')?.etag ?? ''}"` },
    });
    world.fake.addFaults(on('initiateMultipartUpload', always).respond(403, 'AccessDenied'));
    const refused = await world.client.uploadFile(world.params());
    expect(refused.CommonMsg).toMatchObject({ Status: 403, Code: 'AccessDenied' });
    expect(refused.InterfaceResult).toBeUndefined();
  });

  it('rejects with an ObsClientError', async () => {
    const world = clientWorld({ latencyMs: 0, bytesPerSecond: null });
    world.fake.addFaults(on('uploadPart', always).respond(500));
    await expect(world.client.uploadFile(world.params())).rejects.toMatchObject({
      name: 'ObsClientError',
      code: 'service',
      status: 500,
      part: expect.any(Number),
      checkpoint: { uploadId: expect.any(String) },
    });
  });
});

import { config } from 'rxjs';
import { on, type FaultRule } from 'rx-obs-upload/testing';
import type { ResumeHook, UploadFileParams } from 'rx-obs-upload/compat';
import { at, inVirtualTime } from '../../support/virtual-time.js';
import { clientWorld, run, start, typesOf, type Upload } from './support/client-world.js';

const always = { times: Infinity };

describe('the callback of uploadFile is called exactly once', () => {
  const endings: readonly [name: string, code: string | number, fault: FaultRule | null, params?: object][] = [
    ['success', 200, null],
    ['403 of initiate', 403, on('initiateMultipartUpload', always).respond(403, 'AccessDenied')],
    ['500 of initiate', 500, on('initiateMultipartUpload', always).respond(500)],
    ['a network error of initiate', 'network', on('initiateMultipartUpload', always).reset()],
    ['a login page as the response to initiate', 'bad-response', on('initiateMultipartUpload', always).htmlPage()],
    ['no response to initiate', 'stalled', on('initiateMultipartUpload', always).stall('before-response')],
    ['403 of a part', 'service', on('uploadPart', { ...always, partNumber: 2 }).respond(403, 'AccessDenied')],
    ['500 of a part', 'service', on('uploadPart', { ...always, partNumber: 2 }).respond(500)],
    ['a network error of a part', 'network', on('uploadPart', { ...always, partNumber: 2 }).reset()],
    ['a stalled part', 'stalled', on('uploadPart', { ...always, partNumber: 2 }).stall('mid-body')],
    ['400 of complete', 400, on('completeMultipartUpload', always).respond(400, 'EntityTooSmall')],
    ['503 of complete', 503, on('completeMultipartUpload', always).respond(503)],
    ['an error in a 200 of complete', 'service', on('completeMultipartUpload', always).errorIn200()],
    ['a network error of complete', 'network', on('completeMultipartUpload', always).reset()],
    ['a network error of all requests', 'network', on('any', always).reset()],
    ['a missing bucket', 'invalid-options', null, { Bucket: undefined }],
    ['a key that browsers cannot send', 'invalid-options', null, { Key: 'a/../b' }],
    ['a missing file', 'invalid-options', null, { SourceFile: undefined }],
    ['an invalid file', 'invalid-options', null, { SourceFile: 'film.mp4' }],
    ['an invalid TaskNum', 'invalid-options', null, { TaskNum: -1 }],
    ['an invalid checkpoint', 'checkpoint', null, { UploadCheckpoint: 'film.mp4' }],
  ];

  it.each(endings)('for %s', (_, code, fault, params = {}) => {
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

  it('not before uploadFile has returned', () => {
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

  /** Calls the hook repeatedly, at many moments of an upload. */
  it.each(['cancel', 'abort'] as const)('whenever hook.%s() is called', (method) => {
    for (let ms = 1; ms < 340; ms += 7) {
      const world = clientWorld();
      let upload: Upload | null = null;
      inVirtualTime(() => {
        const started = start(world.client, world.params());
        upload = started;
        at(ms, () => started.hooks[0]?.[method]());
        at(ms, () => started.hooks[0]?.cancel());
        at(ms + 1, () => started.hooks[0]?.abort());
      });
      const { outcomes, hooks } = upload as unknown as Upload;
      expect(outcomes).toHaveLength(1);
      const { error, result } = outcomes[0] ?? {};
      const isDone = result?.CommonMsg.Status === 200;
      expect(isDone || error?.code === (method === 'cancel' ? 'suspended' : 'aborted')).toBe(true);
      if (method === 'abort' && hooks.length > 0 && !isDone) expect(world.fake.uploads()).toHaveLength(0);
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

  const throwing = (what: string) => (): void => {
    throw new Error(`${what} throws`);
  };

  it.each(['EventCallback', 'ProgressCallback', 'ResumeCallback'] as const)(
    '%s does not stop the upload, and its error is reported as unhandled',
    (name) => {
      const world = clientWorld();
      const upload = run(world.client, world.params({ [name]: throwing(name) }));
      expect(upload.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
      expect(unhandled).toContainEqual(new Error(`${name} throws`));
      expect(world.fake.object('film.mp4')).not.toBeNull();
    },
  );

  it.each([
    ['a result', {}],
    ['an error', { Bucket: '' }],
  ])('the callback of uploadFile is not called again if it throws on %s', (_, options) => {
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

  it('all together do not stop the upload', () => {
    const world = clientWorld();
    const params: UploadFileParams = world.params({
      EventCallback: throwing('EventCallback'),
      ProgressCallback: throwing('ProgressCallback'),
      ResumeCallback: throwing('ResumeCallback'),
    });
    const upload = run(world.client, params);
    expect(upload.outcomes).toHaveLength(1);
    expect(typesOf(upload).at(-1)).toBe('completeMultipartUploadSucceed');
  });
});

describe('uploadFile without a callback', () => {
  it('resolves with the result, including error responses', async () => {
    const world = clientWorld({ latencyMs: 0, bytesPerSecond: null });
    await expect(world.client.uploadFile(world.params())).resolves.toMatchObject({
      CommonMsg: { Status: 200 },
      InterfaceResult: { Bucket: 'media', Key: 'film.mp4', ETag: `"${world.fake.object('film.mp4')?.etag ?? ''}"` },
    });
    world.fake.addFaults(on('initiateMultipartUpload', always).respond(403, 'AccessDenied'));
    const denied = await world.client.uploadFile(world.params());
    expect(denied.CommonMsg).toMatchObject({ Status: 403, Code: 'AccessDenied' });
    expect(denied.InterfaceResult).toBeUndefined();
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

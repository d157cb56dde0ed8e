import { getEventListeners } from 'node:events';
import { createObsConnection, upload, type UploadEvent, type UploadRequest } from 'rx-obs-upload';
import { createFakeObs, fakeCheckpointStore, fakeSource, on, type FakeObs } from 'rx-obs-upload/testing';

const PART = 102_400;

function createWorld(): {
  readonly fake: FakeObs;
  readonly obs: ReturnType<typeof createObsConnection>;
  readonly request: UploadRequest;
} {
  const fake = createFakeObs();
  const { server, credentials, transport, bucket } = fake;
  const obs = createObsConnection({ server, credentials, transport });
  const sourceFile = fakeSource({ name: 'a.bin', size: 3 * PART });
  return { fake, obs, request: { bucket, key: 'a.bin', sourceFile, partSize: PART } };
}

describe('upload', () => {
  it('resolves with the result, and calls onEvent for each event', async () => {
    const { fake, obs, request } = createWorld();
    const types: string[] = [];
    const result = await upload(obs, request, { onEvent: ({ type }) => types.push(type) });
    expect(result).toMatchObject({ key: 'a.bin', totalBytes: 3 * PART, etag: fake.object('a.bin')?.etag });
    expect([types[0], types.at(-1)]).toEqual(['started', 'completed']);
  });

  it('rejects with the error of the upload', async () => {
    const { fake, obs, request } = createWorld();
    fake.addFaults(on('uploadPart', { partNumber: 2 }).respond(403, 'AccessDenied'));
    await expect(upload(obs, request)).rejects.toMatchObject({ code: 'service', checkpoint: { parts: { length: 1 } } });
    await expect(upload(obs, { ...request, taskNum: 0 })).rejects.toMatchObject({ code: 'invalid-options' });
  });

  it.each([
    ['its own reason', 'left'],
    ['an AbortError', undefined],
  ])('aborts requests with its signal, keeps the parts, and rejects with %s', async (_, reason) => {
    const { fake, obs, request } = createWorld();
    fake.clog(2);
    const controller = new AbortController();
    let checkpoint: Extract<UploadEvent, { type: 'checkpoint' }>['checkpoint'] | null = null;
    const promise = upload(obs, request, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'checkpoint') ({ checkpoint } = event);
      },
    });
    expect(fake.inFlight()).toBe(1);
    controller.abort(reason);
    expect(fake.inFlight()).toBe(0);
    await expect(promise).rejects.toBe(controller.signal.reason);
    expect(fake.uploads()).toHaveLength(1);
    fake.unclog(2);
    await upload(obs, { ...request, uploadCheckpoint: checkpoint });
    expect(fake.arrivals('uploadPart', 1)).toHaveLength(1);
  });

  it('sends nothing if the signal is already aborted', async () => {
    const { fake, obs, request } = createWorld();
    await expect(upload(obs, request, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(fake.log).toEqual([]);
  });

  it('sends nothing more once onEvent has aborted its signal, even within the call', async () => {
    const { fake, obs, request } = createWorld();
    const controller = new AbortController();
    const checkpointStore = fakeCheckpointStore({ failures: [{ on: 'load', as: 'blocked' }] });
    const types: string[] = [];
    const onEvent = ({ type }: UploadEvent): void => {
      types.push(type);
      controller.abort('left');
    };
    const promise = upload(obs, { ...request, checkpointStore }, { signal: controller.signal, onEvent });
    await expect(promise).rejects.toBe('left');
    expect(types).toEqual(['warning']);
    expect(fake.log).toEqual([]);
  });

  it('resolves even if onEvent aborts its signal when it is given `completed`', async () => {
    const { fake, obs, request } = createWorld();
    const controller = new AbortController();
    const onEvent = ({ type }: UploadEvent): void => {
      if (type === 'completed') controller.abort('cleaned up');
    };
    const result = await upload(obs, request, { signal: controller.signal, onEvent });
    expect(result.etag).toBe(fake.object('a.bin')?.etag);
  });

  it('leaves no listener at its signal', async () => {
    const { fake, obs, request } = createWorld();
    const { signal } = new AbortController();
    await upload(obs, request, { signal });
    fake.addFaults(on('initiateMultipartUpload').respond(403, 'AccessDenied'));
    await expect(upload(obs, request, { signal })).rejects.toMatchObject({ code: 'service' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects with what onEvent throws, and aborts requests', async () => {
    const { fake, obs, request } = createWorld();
    const broken = new Error('of the application');
    const promise = upload(obs, request, {
      onEvent: ({ type }) => {
        if (type === 'part-started') throw broken;
      },
    });
    await expect(promise).rejects.toBe(broken);
    expect(fake.inFlight()).toBe(0);
    expect(fake.object('a.bin')).toBeNull();
  });
});

import {
  createObsConnection,
  headObject$,
  InvalidOptionsError,
  uploadFile$,
  withAround,
  type ObsConnection,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { defer, type Observable } from 'rxjs';
import { PART, uploadWorld } from '../../support/upload-world.js';
import { record, runVirtually } from '../../support/virtual-time.js';

describe('a connection', () => {
  it('exposes its server and its requests, but not the state that uploads share', () => {
    expect(Object.keys(uploadWorld().obs)).toEqual(['server', 'requests$']);
    expect(JSON.stringify({ ...uploadWorld().obs, requests$: null })).toBe(
      '{"server":"https://obs.test","requests$":null}',
    );
  });

  it('works with another copy of the library, for example if ESM and CommonJS are mixed', () => {
    const { server, credentials, transport, bucket } = createFakeObs();
    const obs = createObsConnection({ server, credentials, transport });
    let copy: typeof uploadFile$ | null = null;
    jest.isolateModules(() => {
      copy = jest.requireActual<{ readonly uploadFile$: typeof uploadFile$ }>('rx-obs-upload').uploadFile$;
    });
    expect(copy).not.toBe(uploadFile$);
    const upload = copy as unknown as typeof uploadFile$;
    const request = { bucket, key: 'a', sourceFile: fakeSource({ size: 2 * PART }), partSize: PART };
    expect(runVirtually(() => record(upload(obs, request))).completed).toBe(true);
  });

  it('that createObsConnection did not create fails uploads and calls in their error channel', () => {
    for (const obs of [{}, { server: 'https://obs.test' }, null, undefined] as unknown as ObsConnection[]) {
      const request = { bucket: 'media', key: 'a', sourceFile: fakeSource({ size: 1 }) };
      for (const start of [() => uploadFile$(obs, request), () => headObject$(obs, { bucket: 'media', key: 'a' })]) {
        const { error } = runVirtually<unknown>(() => record<unknown>(start()));
        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect(error).toMatchObject({ option: 'connection' });
      }
    }
  });

  it('subscribes to uploads and calls through withAround, the last one outermost, and shares its records', () => {
    const world = uploadWorld();
    const order: string[] = [];
    const logging =
      (name: string) =>
      <T>(source$: Observable<T>): Observable<T> =>
        defer(() => {
          order.push(name);
          return source$;
        });
    const obs = withAround(withAround(world.obs, logging('inner')), logging('outer'));
    const operations: string[] = [];
    world.obs.requests$.subscribe(({ operation }) => operations.push(operation));
    runVirtually<unknown>(() => record<unknown>(headObject$(obs, { bucket: world.fake.bucket, key: 'a' })));
    expect(order).toEqual(['outer', 'inner']);
    expect(operations).toEqual(['headObject']);
    expect(() => withAround({} as ObsConnection, logging('none'))).toThrow(InvalidOptionsError);
  });
});

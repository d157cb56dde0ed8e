import { BehaviorSubject, of, Subject, toArray } from 'rxjs';
import {
  chosenFiles$,
  createObsConnection,
  resumable$,
  resumeOnError$,
  streamSource,
  transformParts,
  uploadFile$,
  uploadFiles$,
  uploadQueue$,
  type NativeObservable,
  type ObsConnection,
  type ObsConnectionOptions,
  type ObsCredentials,
  type QueuedRequest,
  type UploadRequest,
} from 'rx-obs-upload';
import { createFakeObs, fakeCheckpointStore, fakeSource, on, type FakeObs } from 'rx-obs-upload/testing';
import { PART } from '../../support/upload-world.js';
import { at, inVirtualTime, record } from '../../support/virtual-time.js';

/** Like that of the browser: no `pipe`, no interop with RxJS, unsubscribed by a signal. */
class Native<T> implements NativeObservable<T> {
  readonly #source = new Subject<T>();
  readonly #first: readonly T[];
  observers = 0;

  constructor(...first: readonly T[]) {
    this.#first = first;
  }

  subscribe(
    observer: Parameters<NativeObservable<T>['subscribe']>[0],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): void {
    this.observers += 1;
    for (const value of this.#first) if (!signal?.aborted) observer.next(value);
    const subscription = this.#source.subscribe(observer);
    const end = (): void => {
      subscription.unsubscribe();
      this.observers -= 1;
    };
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  }

  next(value: T): void {
    this.#source.next(value);
  }

  end(): void {
    this.#source.complete();
  }
}

function world(options: Partial<ObsConnectionOptions> = {}): { readonly fake: FakeObs; readonly obs: ObsConnection } {
  const fake = createFakeObs({ bytesPerSecond: PART * 10 });
  const { server, credentials, transport } = fake;
  return { fake, obs: createObsConnection({ server, credentials, transport, ...options } as ObsConnectionOptions) };
}

const request = { bucket: 'media', key: 'a.bin', sourceFile: fakeSource({ size: 6 * PART }), partSize: PART };

describe('an Observable of the browser', () => {
  it('works as taskNum, and is unsubscribed', () => {
    inVirtualTime(() => {
      const { fake, obs } = world();
      const taskNum = new Native(1);
      const events = record(uploadFile$(obs, { ...request, taskNum }));
      at(150, () => {
        taskNum.next(3);
        expect(fake.inFlight('uploadPart')).toBe(3);
        events.unsubscribe();
        expect([fake.inFlight(), taskNum.observers]).toEqual([0, 0]);
      });
    });
  });

  it('works as paused$, requests$, cancel$, commands$ and filesAtOnce', () => {
    inVirtualTime(() => {
      const { fake, obs } = world();
      const paused$ = new Native<boolean>();
      const start = (uploadCheckpoint: UploadRequest['uploadCheckpoint']): ReturnType<typeof uploadFile$> =>
        uploadFile$(obs, { ...request, uploadCheckpoint: uploadCheckpoint ?? null });
      const resumable = record(resumable$(start, { paused$ }));
      const cancel$ = new Native<string>();
      const files = record(
        uploadFiles$(obs, new Native<QueuedRequest>({ ...request, id: 'a', key: 'b' }), { cancel$ }),
      );
      const add = { type: 'add' as const, requests: [{ ...request, key: 'c' }] };
      const queue = record(uploadQueue$(obs, new Native(add), { filesAtOnce: new Native(1) }));
      at(250, () => {
        paused$.next(true);
        cancel$.next('a');
        expect(resumable.values.at(-1)?.type).toBe('paused');
        expect(files.values.at(-1)?.signal.type).toBe('paused');
        expect(queue.values.at(-1)?.rows).toMatchObject([{ status: 'uploading' }]);
        for (const recording of [resumable, files, queue]) recording.unsubscribe();
        expect([fake.inFlight(), paused$.observers, cancel$.observers]).toEqual([0, 0, 0]);
      });
    });
  });

  it('works for credentials, a store and online$', () => {
    inVirtualTime(() => {
      const { fake } = world();
      const credentials$ = new Native<ObsCredentials>(fake.credentials);
      const { server, transport } = fake;
      const online$ = new Native(true);
      const obs = createObsConnection({ server, transport, credentials: () => credentials$ as never, online$ });
      const store = fakeCheckpointStore();
      const checkpointStore = { ...store, load: () => new Native() as never };
      const events = record(uploadFile$(obs, { ...request, checkpointStore, lock: null }));
      at(20_000, () => expect(events.values.at(-1)?.type).toBe('completed'));
    });
  });

  it('works as the chunks of a stream, the result of a transformation and the delay of a resume', () => {
    inVirtualTime(() => {
      const { fake, obs } = world();
      const chunks = new Native(new Uint8Array(PART), new Uint8Array(PART));
      const stream = record(uploadFile$(obs, { ...request, sourceFile: streamSource(chunks) }));
      const same = (bytes: Uint8Array): never => new Native(bytes) as never;
      const once = transformParts(request.sourceFile, { overheadBytes: 0, transform: same });
      const twice = transformParts(once, { overheadBytes: 0, transform: same });
      const transformed = record(uploadFile$(obs, { ...request, key: 'twice', sourceFile: twice }));
      fake.addFaults(
        on('completeMultipartUpload', { when: ({ key }) => key === 'again' }).respond(403, 'AccessDenied'),
      );
      const delay = (): never => new Native(0) as never;
      const start = (uploadCheckpoint: UploadRequest['uploadCheckpoint']): ReturnType<typeof uploadFile$> =>
        uploadFile$(obs, { ...request, key: 'again', uploadCheckpoint: uploadCheckpoint ?? null });
      const resumed = record(resumeOnError$(start, { count: 1, delay }));
      at(500, () => chunks.end());
      at(20_000, () => {
        expect([stream, transformed, resumed].map(({ values }) => values.at(-1)?.type)).toEqual([
          'completed',
          'completed',
          'completed',
        ]);
      });
    });
  });

  it('works as openOn$ of chosenFiles$', () => {
    const click$ = new Native<unknown>();
    let clicks = 0;
    const input = Object.assign(new EventTarget(), { click: () => (clicks += 1) }) as unknown as HTMLInputElement;
    const chosen = record(chosenFiles$(input, click$));
    click$.next('click');
    expect(clicks).toBe(1);
    chosen.unsubscribe();
    expect(click$.observers).toBe(0);
  });

  it('is distinguished from one of RxJS, which is used as it is', () => {
    const { obs } = world();
    const values = record(uploadFile$(obs, { ...request, key: 'z', taskNum: new BehaviorSubject(2) }).pipe(toArray()));
    values.unsubscribe();
    expect(values.error).toBeUndefined();
    expect(record(resumable$(() => of(), { paused$: of(true) })).values).toEqual([
      { type: 'paused', checkpoint: null },
    ]);
  });
});

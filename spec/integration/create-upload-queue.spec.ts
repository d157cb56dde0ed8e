import { BehaviorSubject } from 'rxjs';
import {
  createObsConnection,
  createUploadQueue,
  InvalidOptionsError,
  type CreateUploadQueueOptions,
  type QueueRequest,
  type UploadQueue,
} from 'rx-obs-upload';
import { createFakeObs, fakeCheckpointStore, fakeSource, type FakeObs } from 'rx-obs-upload/testing';
import { PART } from '../support/upload-world.js';
import { at, inVirtualTime, record } from '../support/virtual-time.js';

function createWorld(options: CreateUploadQueueOptions = {}): { readonly fake: FakeObs; readonly queue: UploadQueue } {
  const fake = createFakeObs({ bytesPerSecond: PART * 10 });
  return { fake, queue: createQueue(fake, options) };
}

function createQueue({ server, credentials, transport }: FakeObs, options: CreateUploadQueueOptions): UploadQueue {
  const defaults = { bucket: 'media', partSize: PART, lock: null };
  return createUploadQueue(createObsConnection({ server, credentials, transport }), { defaults, ...options });
}

function request(key: string): QueueRequest {
  return { key, sourceFile: fakeSource({ name: key, size: 3 * PART }) };
}

const statuses = ({ state }: UploadQueue): string => state.rows.map(({ status }) => status).join(' ');

describe('createUploadQueue', () => {
  it('is controlled by its methods, even without a subscriber', () => {
    inVirtualTime(() => {
      const { fake, queue } = createWorld({ filesAtOnce: 1 });
      const [a = '', b = ''] = queue.add([request('a'), request('b')]);
      const [c = ''] = queue.add({ ...request('c'), id: 'mine' });
      expect(c).toBe('mine');
      expect(queue.state.rows.map(({ id }) => id)).toEqual([a, b, c]);
      expect(statuses(queue)).toBe('uploading waiting waiting');
      at(150, () => {
        queue.pause(a);
        queue.moveToFront(c);
        expect(statuses(queue)).toBe('waiting paused uploading');
        queue.remove([c]);
        queue.pause();
        expect(statuses(queue)).toBe('paused paused');
        expect(fake.inFlight()).toBe(0);
        queue.resume();
      });
      at(300, () => queue.abort(a));
      at(5000, () => {
        expect(statuses(queue)).toBe('aborted completed');
        queue.retry(a);
      });
      at(9000, () => expect(statuses(queue)).toBe('completed completed'));
    });
  });

  it('emits the current state at once', () => {
    inVirtualTime(() => {
      const { queue } = createWorld();
      queue.add(request('a'));
      expect(record(queue.state$).values).toEqual([queue.state]);
    });
  });

  it('lists and discards unfinished uploads', () => {
    inVirtualTime(() => {
      const checkpointStore = fakeCheckpointStore();
      const { queue, fake } = createWorld({ checkpointStore });
      const pending = record(queue.pending$);
      const [id = ''] = queue.add(request('a'));
      at(150, () => queue.remove(id));
      at(1000, () => {
        expect(pending.values.map((uploads) => uploads.map(({ checkpoint }) => checkpoint.key))).toEqual([[], ['a']]);
        queue.discard();
      });
      at(2000, () => {
        expect(queue.state).toMatchObject({ pending: [], notices: [{ code: 'discarded' }] });
        queue.dismiss();
        expect(queue.state.notices).toEqual([]);
        expect(fake.uploads()).toEqual([]);
        expect(checkpointStore.entries.size).toBe(0);
      });
    });
  });

  it('resumes an upload of another page after a refresh, with the file that the user picks', () => {
    inVirtualTime(() => {
      const checkpointStore = fakeCheckpointStore();
      const { queue, fake } = createWorld({ checkpointStore });
      const otherQueue = createQueue(fake, { checkpointStore });
      otherQueue.add(request('a'));
      at(150, () => otherQueue.dispose());
      at(1000, () => {
        expect(queue.state.pending).toEqual([]);
        queue.refresh();
        const [pending] = queue.state.pending;
        expect(pending).toMatchObject({ checkpoint: { key: 'a' }, hasFile: false });
        queue.pick(pending?.id ?? '', request('a').sourceFile as File);
      });
      at(5000, () => {
        expect(queue.state).toMatchObject({ pending: [], counts: { completed: 1 } });
        expect(fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      });
    });
  });

  it.each<[string, (queue: UploadQueue, controller: AbortController) => void]>([
    ['dispose()', (queue) => queue.dispose()],
    ['its signal', (_, controller) => controller.abort()],
  ])('is ended by %s: requests are aborted, parts are kept, methods do nothing', (_, end) => {
    inVirtualTime(() => {
      const controller = new AbortController();
      const { fake, queue } = createWorld({ signal: controller.signal });
      const states = record(queue.state$);
      queue.add(request('a'));
      at(150, () => {
        end(queue, controller);
        expect(fake.inFlight()).toBe(0);
        expect(states.completed).toBe(true);
        const sent = fake.log.length;
        queue.add(request('late'));
        queue.abort();
        queue.dispose();
        at(5000, () => {
          expect(fake.log).toHaveLength(sent);
          expect(fake.uploads()).toHaveLength(1);
        });
      });
    });
  });

  it('does nothing if its signal is already aborted', () => {
    inVirtualTime(() => {
      const { fake, queue } = createWorld({ signal: AbortSignal.abort() });
      queue.add(request('a'));
      expect(queue.state.rows).toEqual([]);
      at(1000, () => expect(fake.log).toEqual([]));
    });
  });

  it('generates no id that the application has given to a file', () => {
    const { queue } = createWorld();
    const [given] = queue.add({ id: 'upload-2', ...request('a') });
    const generated = queue.add([request('b'), request('c'), { id: 'upload-3', ...request('d') }]);
    expect(queue.state.rows.map(({ id }) => id)).toEqual([given, ...generated]);
    expect(queue.state.notices).toEqual([]);
    queue.dispose();
  });

  it('has its last state after it has failed', () => {
    const filesAtOnce = new BehaviorSubject(1);
    const { queue } = createWorld({ filesAtOnce });
    const states = record(queue.state$);
    queue.add(request('a'));
    filesAtOnce.next(0);
    expect(states.error).toBeInstanceOf(InvalidOptionsError);
    expect(queue.state).toBe(states.values.at(-1));
    expect(statuses(queue)).toBe('uploading');
  });

  it('throws at once for invalid options', () => {
    expect(() => createWorld({ filesAtOnce: 0 })).toThrow(InvalidOptionsError);
  });
});

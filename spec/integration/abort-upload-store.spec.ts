import { concat, defer, of, takeUntil, timer } from 'rxjs';
import { abortUpload$, type CheckpointStore, type UploadCheckpoint } from 'rx-obs-upload';
import { fakeCheckpointStore, type FakeCheckpointStore } from 'rx-obs-upload/testing';
import { lastCheckpoint, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

function interruptUpload(world: UploadWorld, checkpointStore: FakeCheckpointStore, key: string): UploadCheckpoint {
  const upload$ = world.upload({ key, checkpointStore, lock: null }).pipe(takeUntil(timer(120)));
  return lastCheckpoint(runVirtually(() => record(upload$)));
}

describe('abortUpload$ with a store', () => {
  it('removes only the record of that upload', () => {
    const world = uploadWorld();
    const checkpointStore = fakeCheckpointStore({ latencyMs: 5 });
    const checkpoint = interruptUpload(world, checkpointStore, 'a.mp4');
    interruptUpload(world, checkpointStore, 'b.mp4');
    expect(checkpointStore.entries.size).toBe(2);
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint, { checkpointStore })));
    expect(aborted).toMatchObject({ completed: true, values: [{ key: 'a.mp4' }] });
    expect([...checkpointStore.entries.values()]).toMatchObject([{ checkpoint: { key: 'b.mp4' } }]);
  });

  it('lets a remove complete that emits something before', () => {
    const world = uploadWorld();
    const store = fakeCheckpointStore();
    const checkpoint = interruptUpload(world, store, 'a.mp4');
    const checkpointStore: CheckpointStore = {
      ...store,
      remove: (id) =>
        concat(
          of({ type: 'sent' }),
          timer(5),
          defer(() => store.remove(id)),
        ),
    };
    const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint, { checkpointStore })));
    expect(aborted).toMatchObject({ completed: true, values: [{ key: 'a.mp4' }] });
    expect(store.entries.size).toBe(0);
  });

  it.each(['list', 'remove'] as const)('succeeds if %s of the store fails or never responds', (operation) => {
    for (const as of ['blocked', 'silence'] as const) {
      const world = uploadWorld();
      const checkpointStore = fakeCheckpointStore();
      const checkpoint = interruptUpload(world, checkpointStore, 'a.mp4');
      checkpointStore.fail({ on: operation, as });
      const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint, { checkpointStore })));
      expect(aborted).toMatchObject({ completed: true, values: [{ key: 'a.mp4' }] });
      expect(world.fake.uploads()).toEqual([]);
    }
  });
});

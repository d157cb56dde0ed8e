import { EMPTY, NEVER, takeUntil, timer } from 'rxjs';
import { listUploads$, type CheckpointStore, type UploadCheckpoint, type UploadEvent } from 'rx-obs-upload';
import { fakeCheckpointStore, fakeLock, on, type FakeCheckpointStore } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, KIB, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import { asJson, expectFired, expectUploaded, first, interrupted, resumeAsJson } from '../support/scenario-world.js';

/** Runs a page that is killed after that time, and returns the checkpoint that it had saved by then. */
function killed(
  world: UploadWorld,
  ms: number,
  checkpoint: UploadCheckpoint | null = null,
  lastSaved: (emitted: readonly UploadCheckpoint[]) => UploadCheckpoint | null = (emitted) => emitted.at(-1) ?? null,
): UploadCheckpoint | null {
  const events = runVirtually(() => record(world.resume(asJson(checkpoint)).pipe(takeUntil(timer(ms)))));
  return lastSaved(eventsOf(events, 'checkpoint').map((event) => event.checkpoint)) ?? checkpoint;
}

function sent({ fake }: UploadWorld): number[] {
  return fake.arrivals('uploadPart').flatMap(({ partNumber, status }) => (status === 200 ? [partNumber ?? 0] : []));
}

describe('page lifecycle', () => {
  describe('a page that is killed, with only the JSON of its checkpoint left', () => {
    const moments = [0, 5, 11, 60, 115, 119, 121, 150, 229, 231, 240, 245];

    it.each(moments)('after %i ms is followed by one that sends only what is missing', (ms) => {
      const world = uploadWorld();
      const checkpoint = killed(world, ms);
      const next = world.reconnect();
      const resumed = resumeAsJson(next, checkpoint);
      expectUploaded(next, resumed);
      const acknowledged = checkpoint?.parts.map(({ partNumber }) => partNumber) ?? [];
      for (const { partNumber } of eventsOf(resumed, 'part-started')) expect(acknowledged).not.toContain(partNumber);
      if (checkpoint !== null) expect(first(resumed, 'started')?.uploadId).toBe(checkpoint.uploadId);
    });

    it('repeatedly completes the file and sends no acknowledged part twice', () => {
      const world = uploadWorld();
      let checkpoint: UploadCheckpoint | null = killed(world, 15);
      for (let i = 0; i < 6; i++) checkpoint = killed(world.reconnect(), 135, checkpoint);
      expectUploaded(world, resumeAsJson(world.reconnect(), checkpoint));
      expect(sent(world).sort()).toEqual([1, 2, 3, 4]);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('before its last checkpoints were saved sends no stored part again', () => {
      const world = uploadWorld();
      const checkpoint = killed(world, 235, null, (emitted) => emitted[0] ?? null);
      expect(checkpoint?.parts).toEqual([]);
      expectUploaded(world, resumeAsJson(world.reconnect(), checkpoint));
      expect(sent(world).sort()).toEqual([1, 2, 3, 4]);
    });

    it('during complete sends nothing again and finds the object', () => {
      const fault = on('completeMultipartUpload').delay(60_000);
      const world = uploadWorld({ faults: [fault] });
      const checkpoint = killed(world, 5000);
      expectFired(fault);
      const parts = sent(world);
      expect(expectUploaded(world, resumeAsJson(world.reconnect(), checkpoint)).verified).toBe('etag');
      expect(sent(world)).toEqual(parts);
    });

    it('during a part that still reaches the server does not send it again', () => {
      const fault = on('uploadPart', { partNumber: 2 }).stall('after-effect');
      const world = uploadWorld({ faults: [fault] });
      const checkpoint = killed(world, 10_000);
      expectFired(fault);
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectUploaded(world, resumed);
      expect(eventsOf(resumed, 'part-started').map(({ partNumber }) => partNumber)).not.toContain(2);
    });
  });

  describe('two tabs that resume the same file', () => {
    it.each([0, 5, 50, 110, 150, 235, 250])('both complete if the second one starts %i ms later', (ms) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 1);
      const tabs: Recording<UploadEvent>[] = [];
      runVirtually(() => {
        tabs.push(record(world.reconnect().resume(asJson(checkpoint))));
        at(ms, () => tabs.push(record(world.reconnect().resume(asJson(checkpoint)))));
        return record(NEVER.pipe(takeUntil(timer(1))));
      });
      expect(tabs).toHaveLength(2);
      for (const tab of tabs) expectUploaded(world, tab);
      expect(world.fake.object('film.mp4')?.uploadId).toBe(checkpoint.uploadId);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('do not stop each other when one is closed', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 1);
      const events = runVirtually(() => {
        const closed = record(world.reconnect().resume(asJson(checkpoint)));
        const other = record(world.reconnect().resume(asJson(checkpoint)));
        at(100, () => closed.unsubscribe());
        return other;
      });
      expectUploaded(world, events);
    });

    it('make one object of two uploads if one has no checkpoint', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 1);
      const tabs: Recording<UploadEvent>[] = [];
      runVirtually(() => {
        tabs.push(record(world.reconnect().resume(asJson(checkpoint))), record(world.reconnect().resume(null)));
        return record(NEVER.pipe(takeUntil(timer(1))));
      });
      for (const tab of tabs) expectUploaded(world, tab);
      expectObject(world.fake, 'film.mp4', world.file);
    });
  });

  it('an upload works without a store', () => {
    const world = uploadWorld();
    expectUploaded(
      world,
      runVirtually(() => record(world.upload())),
    );
  });

  it('a page without the checkpoint starts a new upload, and listUploads$ finds the first one', () => {
    const world = uploadWorld();
    const { uploadId } = interrupted(world);
    const again = resumeAsJson(world.reconnect(), null);
    expectUploaded(world, again);
    expect(first(again, 'started')).toMatchObject({ resumedBytes: 0 });
    const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film.mp4' })));
    expect(found.values).toMatchObject([{ uploadId }]);
  });

  describe('with a checkpoint store', () => {
    const moments = [0, 5, 11, 60, 115, 119, 121, 150, 229, 231, 240];

    /** Kills the page at that moment, so that it can no longer save anything. */
    function killedWith(world: UploadWorld, ms: number, checkpointStore: FakeCheckpointStore): void {
      const state = { isDead: false };
      const pageStore: CheckpointStore = {
        ...checkpointStore,
        save: (id, checkpoint) => (state.isDead ? EMPTY : checkpointStore.save(id, checkpoint)),
      };
      runVirtually(() => {
        const page = record(world.upload({ checkpointStore: pageStore }));
        at(ms, () => {
          state.isDead = true;
          page.unsubscribe();
        });
        return page;
      });
    }

    it.each(moments)('a page killed after %i ms is followed by one that sends no acknowledged part again', (ms) => {
      const world = uploadWorld();
      const checkpointStore = fakeCheckpointStore();
      killedWith(world, ms, checkpointStore);
      const acknowledged = new Set(sent(world));
      const next = world.reconnect();
      const sentBefore = world.fake.arrivals('uploadPart').length;
      const resumed = runVirtually(() => record(next.upload({ checkpointStore })));
      expectUploaded(next, resumed);
      for (const { partNumber } of world.fake.arrivals('uploadPart').slice(sentBefore)) {
        expect(acknowledged).not.toContain(partNumber);
      }
      expect(checkpointStore.entries.size).toBe(0);
    });

    it.each([0, 5, 50, 110, 150, 235, 250])(
      'one of two tabs uploads and the other waits if it starts %i ms later',
      (ms) => {
        const world = uploadWorld();
        const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
        const tabs: Recording<UploadEvent>[] = [];
        runVirtually(() => {
          tabs.push(record(world.reconnect().upload({ checkpointStore, lock })));
          at(ms, () => tabs.push(record(world.reconnect().upload({ checkpointStore, lock }))));
          return record(NEVER.pipe(takeUntil(timer(1))));
        });
        for (const tab of tabs) expectUploaded(world, tab);
        expect(eventsOf(tabs[1] as Recording<UploadEvent>, 'waiting')).toEqual(
          ms < 245 ? [{ type: 'waiting', reason: 'locked' }] : [],
        );
      },
    );

    it.each([60, 150, 235])('a tab takes over when the uploading one is killed after %i ms', (ms) => {
      const world = uploadWorld();
      const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
      const other = runVirtually(() => {
        const killedTab = record(world.reconnect().upload({ checkpointStore, lock }));
        at(ms, () => killedTab.unsubscribe());
        return record(world.reconnect().upload({ checkpointStore, lock }));
      });
      expectUploaded(world, other);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it.each(['quota', 'blocked', 'corrupt', 'silence'] as const)(
      'an upload works although the store fails: %s',
      (as) => {
        for (const operation of ['load', 'save', 'remove'] as const) {
          const world = uploadWorld({ bytesPerSecond: 20 * KIB });
          const checkpointStore = fakeCheckpointStore({ failures: [{ on: operation, as }] });
          const events = runVirtually(() => record(world.upload({ checkpointStore })));
          expectUploaded(world, events);
          expect(checkpointStore.counts[operation]).toBeGreaterThan(0);
          expect(eventsOf(events, 'warning').map(({ error }) => error.code)).toEqual(['store']);
        }
      },
    );

    it('a page with an empty store starts a new upload', () => {
      const world = uploadWorld();
      killedWith(world, 150, fakeCheckpointStore());
      const again = runVirtually(() => record(world.reconnect().upload({ checkpointStore: fakeCheckpointStore() })));
      expectUploaded(world, again);
      expect(first(again, 'started')).toMatchObject({ resumedBytes: 0 });
    });
  });
});

import { EMPTY, NEVER, takeUntil, timer } from 'rxjs';
import { listUploads$, type CheckpointStore, type UploadCheckpoint, type UploadEvent } from 'rx-obs-upload';
import { fakeCheckpointStore, fakeLock, on, type FakeCheckpointStore } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, KIB, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import { asJson, expectFired, expectSurvived, first, interrupted, resumeAsJson } from '../support/scenario-world.js';

/** A page that is gone after some time, and what it had written down by then. */
function killed(
  world: UploadWorld,
  ms: number,
  checkpoint: UploadCheckpoint | null = null,
  remembers: (told: readonly UploadCheckpoint[]) => UploadCheckpoint | null = (told) => told.at(-1) ?? null,
): UploadCheckpoint | null {
  const events = runVirtually(() => record(world.resume(asJson(checkpoint)).pipe(takeUntil(timer(ms)))));
  return remembers(eventsOf(events, 'checkpoint').map((event) => event.checkpoint)) ?? checkpoint;
}

function sent({ fake }: UploadWorld): number[] {
  return fake.arrivals('uploadPart').flatMap(({ partNumber, status }) => (status === 200 ? [partNumber ?? 0] : []));
}

describe('the page', () => {
  describe('reload, crash, kill: all is lost but the JSON of the checkpoint', () => {
    const moments = [0, 5, 11, 60, 115, 119, 121, 150, 229, 231, 240, 245];

    it.each(moments)('after %i ms: a new page sends only what is missing', (ms) => {
      const world = uploadWorld();
      const checkpoint = killed(world, ms);
      const next = world.reconnect();
      const resumed = resumeAsJson(next, checkpoint);
      expectSurvived(next, resumed);
      const acknowledged = checkpoint?.parts.map(({ partNumber }) => partNumber) ?? [];
      for (const { partNumber } of eventsOf(resumed, 'part-started')) expect(acknowledged).not.toContain(partNumber);
      if (checkpoint !== null) expect(first(resumed, 'started')?.uploadId).toBe(checkpoint.uploadId);
    });

    it('again and again, each 70 ms: the file arrives, no acknowledged part is sent twice', () => {
      const world = uploadWorld();
      let checkpoint: UploadCheckpoint | null = killed(world, 15);
      for (let i = 0; i < 6; i++) checkpoint = killed(world.reconnect(), 135, checkpoint);
      expectSurvived(world, resumeAsJson(world.reconnect(), checkpoint));
      expect(sent(world).sort()).toEqual([1, 2, 3, 4]);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('and the last checkpoints were never written: what the server has is not sent again', () => {
      const world = uploadWorld();
      const checkpoint = killed(world, 235, null, (told) => told[0] ?? null);
      expect(checkpoint?.parts).toEqual([]);
      expectSurvived(world, resumeAsJson(world.reconnect(), checkpoint));
      expect(sent(world).sort()).toEqual([1, 2, 3, 4]);
    });

    it('while complete was on its way: nothing is sent again, the object is found', () => {
      const fault = on('completeMultipartUpload').delay(60_000);
      const world = uploadWorld({ faults: [fault] });
      const checkpoint = killed(world, 5000);
      expectFired(fault);
      const parts = sent(world);
      expect(expectSurvived(world, resumeAsJson(world.reconnect(), checkpoint)).verified).toBe('etag');
      expect(sent(world)).toEqual(parts);
    });

    it('while a part was on its way that lands all the same: it is not sent again', () => {
      const fault = on('uploadPart', { partNumber: 2 }).stall('after-effect');
      const world = uploadWorld({ faults: [fault] });
      const checkpoint = killed(world, 10_000);
      expectFired(fault);
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectSurvived(world, resumed);
      expect(eventsOf(resumed, 'part-started').map(({ partNumber }) => partNumber)).not.toContain(2);
    });
  });

  describe('two tabs resume the same file', () => {
    it.each([0, 5, 50, 110, 150, 235, 250])('the second one %i ms later: both see the whole object', (ms) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 1);
      const tabs: Recording<UploadEvent>[] = [];
      runVirtually(() => {
        tabs.push(record(world.reconnect().resume(asJson(checkpoint))));
        at(ms, () => tabs.push(record(world.reconnect().resume(asJson(checkpoint)))));
        return record(NEVER.pipe(takeUntil(timer(1))));
      });
      expect(tabs).toHaveLength(2);
      for (const tab of tabs) expectSurvived(world, tab);
      expect(world.fake.object('film.mp4')?.uploadId).toBe(checkpoint.uploadId);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('and one of them is closed: the other continues', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 1);
      const events = runVirtually(() => {
        const closed = record(world.reconnect().resume(asJson(checkpoint)));
        const other = record(world.reconnect().resume(asJson(checkpoint)));
        at(100, () => closed.unsubscribe());
        return other;
      });
      expectSurvived(world, events);
    });

    it('and one of them without the checkpoint: two uploads, one object, the file', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 1);
      const tabs: Recording<UploadEvent>[] = [];
      runVirtually(() => {
        tabs.push(record(world.reconnect().resume(asJson(checkpoint))), record(world.reconnect().resume(null)));
        return record(NEVER.pipe(takeUntil(timer(1))));
      });
      for (const tab of tabs) expectSurvived(world, tab);
      expectObject(world.fake, 'film.mp4', world.file);
    });
  });

  it('without a store: the upload works', () => {
    const world = uploadWorld();
    expectSurvived(
      world,
      runVirtually(() => record(world.upload())),
    );
  });

  it('a store found empty: starts over, and listUploads$ finds what the first one left', () => {
    const world = uploadWorld();
    const { uploadId } = interrupted(world);
    const again = resumeAsJson(world.reconnect(), null);
    expectSurvived(world, again);
    expect(first(again, 'started')).toMatchObject({ resumedBytes: 0 });
    const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film.mp4' })));
    expect(found.values).toMatchObject([{ uploadId }]);
  });

  describe('with a checkpoint store', () => {
    const moments = [0, 5, 11, 60, 115, 119, 121, 150, 229, 231, 240];

    /** Gone at that moment, without a last word to the store. */
    function killedWith(world: UploadWorld, ms: number, checkpointStore: FakeCheckpointStore): void {
      const dead = { isDead: false };
      const mortal: CheckpointStore = {
        ...checkpointStore,
        save: (id, checkpoint) => (dead.isDead ? EMPTY : checkpointStore.save(id, checkpoint)),
      };
      runVirtually(() => {
        const page = record(world.upload({ checkpointStore: mortal }));
        at(ms, () => {
          dead.isDead = true;
          page.unsubscribe();
        });
        return page;
      });
    }

    it.each(moments)(
      'killed after %i ms: the next page resumes by itself, no acknowledged part is sent again',
      (ms) => {
        const world = uploadWorld();
        const checkpointStore = fakeCheckpointStore();
        killedWith(world, ms, checkpointStore);
        const acknowledged = new Set(sent(world));
        const next = world.reconnect();
        const begun = world.fake.arrivals('uploadPart').length;
        const resumed = runVirtually(() => record(next.upload({ checkpointStore })));
        expectSurvived(next, resumed);
        for (const { partNumber } of world.fake.arrivals('uploadPart').slice(begun)) {
          expect(acknowledged).not.toContain(partNumber);
        }
        expect(checkpointStore.entries.size).toBe(0);
      },
    );

    it.each([0, 5, 50, 110, 150, 235, 250])(
      'two tabs, the second one %i ms later: one uploads, the other is notified',
      (ms) => {
        const world = uploadWorld();
        const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
        const tabs: Recording<UploadEvent>[] = [];
        runVirtually(() => {
          tabs.push(record(world.reconnect().upload({ checkpointStore, lock })));
          at(ms, () => tabs.push(record(world.reconnect().upload({ checkpointStore, lock }))));
          return record(NEVER.pipe(takeUntil(timer(1))));
        });
        for (const tab of tabs) expectSurvived(world, tab);
        expect(eventsOf(tabs[1] as Recording<UploadEvent>, 'waiting')).toEqual(
          ms < 245 ? [{ type: 'waiting', reason: 'locked' }] : [],
        );
      },
    );

    it.each([60, 150, 235])('the tab that uploads is killed after %i ms: the other takes over', (ms) => {
      const world = uploadWorld();
      const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
      const other = runVirtually(() => {
        const killedTab = record(world.reconnect().upload({ checkpointStore, lock }));
        at(ms, () => killedTab.unsubscribe());
        return record(world.reconnect().upload({ checkpointStore, lock }));
      });
      expectSurvived(world, other);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it.each(['quota', 'blocked', 'corrupt', 'silence'] as const)('that is struck by %s: the upload works', (as) => {
      for (const operation of ['load', 'save', 'remove'] as const) {
        const world = uploadWorld({ bytesPerSecond: 20 * KIB });
        const checkpointStore = fakeCheckpointStore({ failures: [{ on: operation, as }] });
        const events = runVirtually(() => record(world.upload({ checkpointStore })));
        expectSurvived(world, events);
        expect(checkpointStore.counts[operation]).toBeGreaterThan(0);
        expect(eventsOf(events, 'warning').map(({ error }) => error.code)).toEqual(['store']);
      }
    });

    it('that is found empty: starts over', () => {
      const world = uploadWorld();
      killedWith(world, 150, fakeCheckpointStore());
      const again = runVirtually(() => record(world.reconnect().upload({ checkpointStore: fakeCheckpointStore() })));
      expectSurvived(world, again);
      expect(first(again, 'started')).toMatchObject({ resumedBytes: 0 });
    });
  });
});

import { of, Subject } from 'rxjs';
import {
  resumable$,
  uploadFiles$,
  uploadQueue$,
  type QueueCommand,
  type QueueRow,
  type QueueState,
  type SizedSource,
} from 'rx-obs-upload';
import { on, type FakeObsOptions } from 'rx-obs-upload/testing';
import { expectObject, PART, READ_MS, slowSource, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, inVirtualTime, record } from '../support/virtual-time.js';

/** Two parts are sent, and the sample is still being read. */
const IN_FLIGHT_MS = 2 * READ_MS;
/** Two parts are acknowledged, and the sample is still being read. */
const ACKNOWLEDGED_MS = 3 * READ_MS;

interface QueueWorld extends UploadWorld {
  send(type: 'pause' | 'resume' | 'abort' | 'remove', ids?: readonly string[]): void;
  add(): void;
  row(): QueueRow;
}

/** A queue without a store, and a file of four parts whose sample takes 200 ms. */
function queueWorld(fakeOptions: FakeObsOptions = {}, readMs = READ_MS): QueueWorld {
  const world = uploadWorld(fakeOptions);
  const commands$ = new Subject<QueueCommand>();
  const defaults = { bucket: 'media', partSize: PART, taskNum: 2, retry: { jitter: 'none' as const } };
  const states = record(uploadQueue$(world.obs, commands$, { defaults }));
  const add = (): void =>
    commands$.next({
      type: 'add',
      requests: [{ id: 'a', key: 'film.mp4', sourceFile: slowSource(world.file, readMs) }],
    });
  add();
  return {
    ...world,
    add,
    send: (type, ids) => commands$.next({ type, ids }),
    row: () => (states.values.at(-1) as QueueState).rows[0] as QueueRow,
  };
}

describe('before the first checkpoint of an upload', () => {
  describe.each([
    ['parts are in flight', IN_FLIGHT_MS],
    ['parts are acknowledged', ACKNOWLEDGED_MS],
  ])('while %s', (_, ms) => {
    it('abort waits for the checkpoint, and deletes what is on the server', () => {
      inVirtualTime(() => {
        const { fake, row, send } = queueWorld();
        at(ms, () => {
          expect(fake.uploads()).toHaveLength(1);
          send('abort');
        });
        at(4 * READ_MS + 1, () => {
          expect(row().status).toBe('aborting');
          expect(fake.inFlight('uploadPart')).toBe(0);
        });
        at(5000, () => {
          expect(row()).toMatchObject({ status: 'aborted', snapshot: { checkpoint: null } });
          expect(fake.uploads()).toEqual([]);
          expect(fake.inFlight()).toBe(0);
        });
      });
    });

    it('pause waits for the checkpoint, so that the upload can be aborted or resumed', () => {
      inVirtualTime(() => {
        const { fake, file, row, send } = queueWorld();
        at(ms, () => send('pause'));
        at(4 * READ_MS + 1, () => {
          expect(row()).toMatchObject({ status: 'paused', can: { resume: true, abort: true } });
          expect(row().snapshot.checkpoint).not.toBeNull();
          expect(fake.inFlight()).toBe(0);
          send('resume', ['a']);
        });
        at(5000, () => {
          expect(row().status).toBe('completed');
          expect(fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
          expect(fake.uploads()).toEqual([]);
          expectObject(fake, 'film.mp4', file);
        });
      });
    });
  });

  it('resume revokes a pause that still waits', () => {
    inVirtualTime(() => {
      const { fake, row, send } = queueWorld();
      at(IN_FLIGHT_MS, () => {
        send('pause');
        send('resume');
      });
      at(5000, () => {
        expect(row().status).toBe('completed');
        expect(fake.arrivals('listParts')).toEqual([]);
      });
    });
  });

  it('abort cannot be revoked', () => {
    inVirtualTime(() => {
      const { fake, row, send } = queueWorld();
      at(IN_FLIGHT_MS, () => {
        send('pause');
        send('abort');
        send('resume');
        send('pause');
      });
      at(5000, () => {
        expect(row().status).toBe('aborted');
        expect(fake.uploads()).toEqual([]);
      });
    });
  });

  it('abort deletes the upload of a file that can no longer be read', () => {
    inVirtualTime(() => {
      const { fake, file, row, send } = queueWorld();
      at(IN_FLIGHT_MS, () => {
        send('abort');
        file.failReads();
      });
      at(5000, () => {
        expect(row().status).toBe('aborted');
        expect(fake.uploads()).toEqual([]);
      });
    });
  });

  it('abort has nothing to delete if the upload no longer exists', () => {
    inVirtualTime(() => {
      const { fake, row, send } = queueWorld({ faults: [on('uploadPart', { partNumber: 2 }).dropUpload()] }, 1000);
      at(50, () => send('abort'));
      at(9000, () => {
        expect(row().status).toBe('aborted');
        expect(fake.uploads()).toEqual([]);
      });
    });
  });

  it('remove does not wait, and the same file can be added again', () => {
    inVirtualTime(() => {
      const { add, fake, row, send } = queueWorld();
      at(IN_FLIGHT_MS, () => {
        send('abort');
        send('remove');
        expect(fake.inFlight()).toBe(0);
        add();
        at(2 * IN_FLIGHT_MS, () => send('pause'));
      });
      at(5000, () => expect(row()).toMatchObject({ status: 'paused', can: { resume: true, abort: true } }));
    });
  });

  it('a single PUT is stopped at once', () => {
    inVirtualTime(() => {
      const world = uploadWorld();
      const commands$ = new Subject<QueueCommand>();
      const states = record(uploadQueue$(world.obs, commands$, { defaults: { bucket: 'media' } }));
      commands$.next({ type: 'add', requests: [{ key: 'a', sourceFile: slowSource(world.file) }] });
      at(IN_FLIGHT_MS, () => {
        commands$.next({ type: 'abort' });
        expect(world.fake.inFlight()).toBe(0);
        expect(states.values.at(-1)?.rows).toMatchObject([{ status: 'aborted' }]);
      });
    });
  });

  it('a subscriber that pauses on `started` leaves no second upload', () => {
    inVirtualTime(() => {
      const world = uploadWorld();
      const commands$ = new Subject<QueueCommand>();
      let hasPaused = false;
      uploadQueue$(world.obs, commands$, { defaults: { bucket: 'media', partSize: PART } }).subscribe(({ rows }) => {
        if (hasPaused || rows[0]?.status !== 'uploading') return;
        hasPaused = true;
        commands$.next({ type: 'pause' });
      });
      commands$.next({ type: 'add', requests: [{ key: 'film.mp4', sourceFile: world.file }] });
      at(1000, () => {
        expect(world.fake.inFlight()).toBe(0);
        commands$.next({ type: 'resume' });
      });
      at(5000, () => {
        expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
        expectObject(world.fake, 'film.mp4', world.file);
      });
    });
  });

  describe('resumable$', () => {
    it('waits for the checkpoint before it pauses', () => {
      inVirtualTime(() => {
        const world = uploadWorld();
        const paused$ = new Subject<boolean>();
        const sourceFile: SizedSource = slowSource(world.file);
        const events = record(
          resumable$((uploadCheckpoint) => world.resume(uploadCheckpoint, { sourceFile }), { paused$ }),
        );
        at(IN_FLIGHT_MS, () => paused$.next(true));
        at(4 * READ_MS + 1, () => {
          expect(events.values.at(-1)).toMatchObject({ type: 'paused', checkpoint: { key: 'film.mp4' } });
          expect(world.fake.inFlight()).toBe(0);
        });
        at(1000, () => paused$.next(false));
        at(5000, () => {
          expect(events.values.at(-1)?.type).toBe('completed');
          expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
        });
      });
    });

    it('is not interrupted by a pause that is revoked before the checkpoint', () => {
      inVirtualTime(() => {
        const world = uploadWorld();
        const paused$ = new Subject<boolean>();
        const events = record(
          resumable$((uploadCheckpoint) => world.resume(uploadCheckpoint, { sourceFile: slowSource(world.file) }), {
            paused$,
          }),
        );
        at(IN_FLIGHT_MS, () => {
          paused$.next(true);
          paused$.next(false);
        });
        at(5000, () => {
          expect(events.values.map(({ type }) => type)).not.toContain('paused');
          expect(events.values.at(-1)?.type).toBe('completed');
        });
      });
    });
  });

  it('cancel$ of uploadFiles$ waits for the checkpoint, so that the file can be resumed', () => {
    inVirtualTime(() => {
      const world = uploadWorld();
      const cancel$ = new Subject<string>();
      const request = { id: 'a', bucket: 'media', key: 'film.mp4', partSize: PART };
      const events = record(
        uploadFiles$(world.obs, of({ ...request, sourceFile: slowSource(world.file) }), { cancel$ }),
      );
      at(IN_FLIGHT_MS, () => cancel$.next('a'));
      at(5000, () => {
        expect(events.completed).toBe(true);
        expect(events.values.at(-1)).toMatchObject({
          signal: { type: 'paused', checkpoint: { uploadId: world.fake.uploads()[0]?.uploadId } },
        });
      });
    });
  });
});

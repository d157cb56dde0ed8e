import {
  createObsConnection,
  createUploadQueue,
  memoryCheckpointStore,
  type CheckpointStore,
  type QueueRow,
  type UploadQueue,
} from 'rx-obs-upload';
import { on, type FakeObs } from 'rx-obs-upload/testing';
import { sharedOf, withShared } from '../../../lib/connection/obs-connection.js';
import { seededBytes } from '../../support/seeded-bytes.js';
import { PART, pending, settle, until, withoutLongTimers, workerWorld } from './worker-world.js';

withoutLongTimers();

interface QueueWorld {
  readonly fake: FakeObs;
  readonly store: CheckpointStore;
  readonly queue: UploadQueue;
  row(): QueueRow | undefined;
}

/** A queue with a file of four parts that is uploading: two parts are sent and the third one stalls. */
async function startUpload(progressIntervalMs = 0): Promise<QueueWorld> {
  const { fake, obs } = workerWorld();
  // Calls that are made in the page, such as abort, go to the fake OBS too.
  const page = createObsConnection({ server: fake.server, credentials: fake.credentials, transport: fake.transport });
  const store = memoryCheckpointStore();
  const queue = createUploadQueue(withShared(page, { remote: sharedOf(obs).remote }), {
    checkpointStore: store,
    rememberFiles: false,
    defaults: { bucket: fake.bucket, partSize: PART, lock: null, progressIntervalMs },
  });
  const row = (): QueueRow | undefined => queue.state.rows[0];
  fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
  queue.add({ id: 'a', key: 'film.mp4', sourceFile: new Blob([new Uint8Array(seededBytes(4 * PART))]) });
  await until(() => fake.log.some(({ partNumber }) => partNumber === 3) && row()?.status === 'uploading');
  return { fake, store, queue, row };
}

describe('a queue with uploads in a worker', () => {
  it('leaves no record of an aborted row, even if the worker saves its last checkpoint afterwards', async () => {
    const { fake, store, queue, row } = await startUpload();
    await until(() => row()?.snapshot.checkpoint?.parts.length === 2);
    queue.abort('a');
    await until(() => row()?.status === 'aborted');
    // Lets messages arrive that the worker has already sent.
    for (let turns = 0; turns < 50; turns++) await settle();
    expect(await pending(store)).toEqual([]);
    expect(fake.uploads()).toEqual([]);
    queue.dispose();
  });

  it('pauses at once, even if progress is rarely emitted', async () => {
    const { fake, queue, row } = await startUpload(600_000);
    queue.pause('a');
    await until(() => row()?.status === 'paused');
    await until(() => fake.inFlight() === 0);
    queue.dispose();
  });

  it('saves checkpoints again after an abort that failed', async () => {
    const { fake, store, queue, row } = await startUpload();
    await until(() => row()?.snapshot.checkpoint?.parts.length === 2);
    fake.clearFaults();
    fake.addFaults(
      on('abortMultipartUpload').respond(403, 'AccessDenied'),
      on('uploadPart', { partNumber: 4 }).stall('before-body'),
    );
    queue.abort('a');
    await until(() => row()?.can.resume === true);
    queue.resume('a');
    await until(() => row()?.snapshot.checkpoint?.parts.length === 3);
    queue.pause('a');
    await until(async () => (await pending(store))[0]?.parts.length === 3);
    queue.dispose();
  });
});

import { takeUntil, timer } from 'rxjs';
import type { UploadCheckpoint } from 'rx-obs-upload';
import { eventsOf, expectObject, lastCheckpoint, typesOf, uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

/** A page that goes away leaves the checkpoint that it kept elsewhere, as JSON, and nothing else. */
function keptBy(world: ReturnType<typeof uploadWorld>, ms: number): UploadCheckpoint {
  const lost = runVirtually(() => record(world.upload().pipe(takeUntil(timer(ms)))));
  return JSON.parse(JSON.stringify(lastCheckpoint(lost))) as UploadCheckpoint;
}

describe('row 12: the page', () => {
  it.each([10.5, 60, 120.5, 180])('is reloaded after %d ms: the next one sends only what is missing', (ms) => {
    const world = uploadWorld();
    const checkpoint = keptBy(world, ms);
    const after = world.reconnect();
    const resumed = runVirtually(() => record(after.resume(checkpoint)));
    expectObject(world.fake, 'film.mp4', world.file);
    const acknowledged = world.fake.arrivals('uploadPart').filter(({ status }) => status === 200);
    expect(new Set(acknowledged.map(({ partNumber }) => partNumber)).size).toBe(acknowledged.length);
    expect(eventsOf(resumed, 'started')[0]?.resumedBytes).toBe(
      checkpoint.parts.reduce((sum, part) => sum + part.size, 0),
    );
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  it('crashes again and again: each life goes on where the last one was', () => {
    const world = uploadWorld();
    let checkpoint = keptBy(world, 60);
    for (let life = 0; life < 5; life++) {
      const page = world.reconnect();
      const lost = runVirtually(() => record(page.resume(checkpoint).pipe(takeUntil(timer(115)))));
      if (typesOf(lost).includes('completed')) break;
      checkpoint = JSON.parse(JSON.stringify(lastCheckpoint(lost))) as UploadCheckpoint;
    }
    runVirtually(() => record(world.reconnect().resume(checkpoint)));
    expectObject(world.fake, 'film.mp4', world.file);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  it('is open twice and both resume the same upload: both end with the same whole object', () => {
    const world = uploadWorld();
    const checkpoint = keptBy(world, 120.5);
    const [one, two] = [world.reconnect(), world.reconnect()];
    const ends: string[] = [];
    runVirtually(() => {
      const first = record(one.resume(checkpoint));
      const second = record(two.resume(checkpoint));
      timer(100_000).subscribe(() => ends.push(typesOf(first).at(-1) ?? '', typesOf(second).at(-1) ?? ''));
      return first;
    });
    expect(ends).toEqual(['completed', 'completed']);
    expectObject(world.fake, 'film.mp4', world.file);
    expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });

  it('has lost everything: the upload starts anew, and the orphan keeps its parts', () => {
    const world = uploadWorld();
    keptBy(world, 120.5);
    runVirtually(() => record(world.reconnect().resume(null)));
    expectObject(world.fake, 'film.mp4', world.file);
    expect(world.fake.uploads()).toHaveLength(1);
    expect(world.fake.partsOf(world.fake.uploads()[0]?.uploadId ?? '')).toHaveLength(2);
  });
});

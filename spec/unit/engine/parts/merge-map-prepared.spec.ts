import { concat, EMPTY, ignoreElements, NEVER, Observable, of, range, Subject, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { fakeHasher, fakeSource, on } from 'rx-obs-upload/testing';
import { mergeMapPrepared } from '../../../../lib/engine/parts/merge-map-at-most.js';
import { expectUploaded } from '../../../support/scenario-world.js';
import { PART, uploadWorld, type UploadWorld } from '../../../support/upload-world.js';
import { at, inVirtualTime, record, runVirtually } from '../../../support/virtual-time.js';

const SIZE = 12 * PART;

/** Work that emits its value after a delay; records the order of the starts, and how many ran at once. */
function work(ms: number): {
  readonly started: number[];
  readonly run: (value: number) => Observable<number>;
  readonly running: () => number;
  readonly maxRunning: () => number;
} {
  const started: number[] = [];
  let [running, maxRunning] = [0, 0];
  const run = (value: number): Observable<number> =>
    new Observable((subscriber) => {
      started.push(value);
      maxRunning = Math.max(maxRunning, ++running);
      subscriber.add(() => (running -= 1));
      subscriber.add(concat(timer(ms).pipe(ignoreElements()), of(value)).subscribe(subscriber));
    });
  return { started, run, running: () => running, maxRunning: () => maxRunning };
}

function setup(
  width: number | Observable<number>,
  prepareMs: number,
  projectMs: number,
): {
  readonly prepare: ReturnType<typeof work>;
  readonly project: ReturnType<typeof work>;
  run(count: number): Observable<number>;
} {
  const [prepare, project] = [work(prepareMs), work(projectMs)];
  return { prepare, project, run: (count) => range(1, count).pipe(mergeMapPrepared(width, prepare.run, project.run)) };
}

describe('mergeMapPrepared', () => {
  it('prepares the next values while others run', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      const source$ = cold('               (abcd|)             ');
      const prepare = (name: string): Observable<string> => cold('--(p|)', { p: name });
      const project = (name: string): Observable<string> => cold('----(r|)', { r: name });
      const expected = '                   ------a---b---c---(d|)';
      expectObservable(source$.pipe(mergeMapPrepared(1, prepare, project))).toBe(expected);
    });
  });

  it.each([1, 2, 5])('runs at most %i, prepares at most two, and stays at most two ahead', (width) => {
    inVirtualTime(() => {
      const { prepare, project, run } = setup(width, 10, 100);
      const results = record(run(20));
      for (let ms = 0; ms < 2500; ms += 10) {
        at(ms + 5, () => expect(prepare.started.length - results.values.length).toBeLessThanOrEqual(width + 2));
      }
      at(2400, () => {
        expect([prepare.maxRunning(), project.maxRunning()]).toEqual([2, width]);
        expect(results.values).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
        expect(results.endedAt).toBe(10 * Math.ceil(width / 2) + (20 / width) * 100);
      });
    });
  });

  it('prepares two at once and runs all that are ready if preparing takes longer', () => {
    inVirtualTime(() => {
      const { run } = setup(4, 100, 10);
      const results = record(run(6));
      at(1000, () => expect(results.endedAt).toBe(3 * 100 + 10));
    });
  });

  it('follows a changing width', () => {
    inVirtualTime(() => {
      const width$ = new Subject<number>();
      const { project, run } = setup(width$, 1, 100);
      record(run(20));
      const seen: number[] = [];
      at(50, () => seen.push(project.running()));
      at(60, () => width$.next(4));
      at(90, () => seen.push(project.running()));
      at(95, () => width$.next(2));
      at(250, () => seen.push(project.running()));
      at(251, () => expect(seen).toEqual([1, 4, 2]));
    });
  });

  it('completes for an empty source, never for an endless one, and passes errors on', () => {
    const prepare = (): Observable<number> => of(1);
    const project = (): Observable<number> => EMPTY;
    const broken = (): Observable<never> => throwError(() => new Error('broken'));
    expect(record(EMPTY.pipe(mergeMapPrepared(1, prepare, project))).completed).toBe(true);
    expect(record(NEVER.pipe(mergeMapPrepared(1, prepare, project))).endedAt).toBeNull();
    expect(record(of(1).pipe(mergeMapPrepared(1, broken, project))).error).toMatchObject({ message: 'broken' });
    expect(record(of(1).pipe(mergeMapPrepared(1, prepare, broken))).error).toMatchObject({ message: 'broken' });
    expect(
      record(
        of(1).pipe(
          mergeMapPrepared(
            throwError(() => new Error('broken')),
            prepare,
            project,
          ),
        ),
      ).error,
    ).toMatchObject({
      option: 'taskNum',
    });
  });

  it('starts nothing after an unsubscribe, not even within next; another subscription is unaffected', () => {
    inVirtualTime(() => {
      const { prepare, project, run } = setup(2, 10, 100);
      const results$ = run(20);
      const first = results$.subscribe(() => first.unsubscribe());
      at(1000, () => {
        expect([prepare.started.length, project.started.length]).toEqual([4, 2]);
        expect([prepare.running(), project.running()]).toEqual([0, 0]);
        const second = record(results$);
        at(3000, () => expect(second.values).toHaveLength(20));
      });
    });
  });
});

describe("checksum: 'md5', computed ahead", () => {
  function world(faults: Parameters<typeof uploadWorld>[0] = {}): UploadWorld {
    return uploadWorld({ latencyMs: 0, ...faults }, {}, fakeSource({ name: 'film.mp4', size: SIZE }));
  }

  it.each([1, 3])('hashes while it sends %i parts at once', (taskNum) => {
    const hasher = fakeHasher({ bytesPerSecond: 1024 * 1000 });
    const { fake, upload, ...rest } = world();
    const events = runVirtually(() => record(upload({ taskNum, checksum: 'md5', hasher })));
    expectUploaded({ fake, upload, ...rest }, events);
    expect(fake.arrivals('uploadPart').every(({ status }) => status === 200)).toBe(true);
    expect(fake.maxInFlight('uploadPart')).toBeLessThanOrEqual(taskNum);
    expect(hasher.maxHashing).toBeLessThanOrEqual(2);
    expect(events.values.at(-1)).toMatchObject({ type: 'completed', result: { verified: 'etag' } });
    // As slow as the slower of the two: sending one part at a time, or hashing two. Complete takes 1 ms.
    expect(events.endedAt).toBe(taskNum === 1 ? 13 * 100 + 1 : 7 * 100 + 1);
  });

  it('reads no more than two parts ahead of those in flight', () => {
    const hasher = fakeHasher();
    const { fake, upload } = world({ faults: [on('uploadPart', { arrival: 3, times: Infinity }).stall('mid-body')] });
    runVirtually(() => {
      const events = record(upload({ taskNum: 2, checksum: 'md5', hasher, stallTimeoutMs: 10_000 }));
      at(5000, () => events.unsubscribe());
      return events;
    });
    expect(fake.arrivals('uploadPart')).toHaveLength(4);
    expect(hasher.finished).toBe(6);
  });

  it('stops hashing when the upload is unsubscribed or fails', () => {
    for (const fails of [false, true]) {
      const hasher = fakeHasher({ bytesPerSecond: 100 * 1000 });
      const faults = fails ? [on('uploadPart').respond(403, 'AccessDenied')] : [];
      const { upload } = world({ faults });
      runVirtually(() => {
        const events = record(upload({ checksum: 'md5', hasher, retry: { maxAttempts: 1 } }));
        at(1500, () => events.unsubscribe());
        at(5000, () => expect([hasher.hashing, hasher.begun - hasher.finished]).toEqual([0, 2]));
        return events;
      });
    }
  });

  it('fails with a SourceError if a part cannot be hashed; the checkpoint has the parts before it', () => {
    const hasher = fakeHasher({ bytesPerSecond: 1024 * 1000 });
    const { upload } = world();
    const events = runVirtually(() => {
      at(450, () => hasher.fail(new Error('gone')));
      return record(upload({ taskNum: 1, checksum: 'md5', hasher }));
    });
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable', cause: { message: 'gone' } });
    expect(events.error).toHaveProperty('checkpoint.parts.length', 3);
  });
});

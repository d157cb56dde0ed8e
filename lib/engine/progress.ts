import { defer, ignoreElements, Observable, type OperatorFunction, scan, tap } from 'rxjs';
import { monotonicNow } from '../time.js';
import type { UploadEvent } from '../model/event.js';
import { totalSize } from '../model/reconcile.js';
import type { Activity, UploadGone } from './step.js';
import { bytesPerSecond, withSample, type SpeedWindow } from './speed.js';
import type { Upload } from './upload.js';

/** Turns activities into events: counts bytes and emits progress at most once per interval, and always at the end. */
export function toEvents({ size, checkpoint, progressIntervalMs }: Upload): OperatorFunction<Activity, UploadEvent> {
  return (activity$) =>
    defer(() => {
      const upload = { totalBytes: size, startedAt: monotonicNow(), progressIntervalMs };
      return activity$.pipe(
        scan((tally: Tally, activity) => emit(count(tally, activity, size), activity, upload, monotonicNow()), {
          ...nothing,
          shownBytes: checkpoint === null ? 0 : totalSize(checkpoint.parts),
        }),
        emitEach(({ events }) => events),
      );
    });
}

/** `concatMap` over arrays, without a subscription for each of them. */
function emitEach<T, R>(resultsOf: (value: T) => readonly R[]): OperatorFunction<T, R> {
  return (source$) =>
    new Observable((subscriber) =>
      source$
        .pipe(
          tap((value) => {
            for (const emitted of resultsOf(value)) subscriber.next(emitted);
          }),
          ignoreElements(),
        )
        .subscribe(subscriber),
    );
}

/** The bytes so far, and the events that the last activity became. */
interface Tally {
  readonly events: readonly UploadEvent[];
  readonly acknowledgedBytes: number;
  /** Bytes sent of each part in flight, by part number. */
  readonly inFlight: ReadonlyMap<number, number>;
  /** Never falls while a part is sent again. */
  readonly shownBytes: number;
  /** When progress was last emitted, and how many bytes it showed. */
  readonly emittedAt: number;
  readonly emittedBytes: number | null;
  readonly speed: SpeedWindow;
}

const nothing: Tally = {
  events: [],
  acknowledgedBytes: 0,
  inFlight: new Map(),
  shownBytes: 0,
  emittedAt: Number.NEGATIVE_INFINITY,
  emittedBytes: null,
  speed: [],
};

function count(tally: Tally, activity: Activity, totalBytes: number): Tally {
  switch (activity.type) {
    case 'started':
      return { ...nothing, acknowledgedBytes: activity.resumedBytes, shownBytes: activity.resumedBytes };
    case 'bytes-sent':
      return shown(
        { ...tally, inFlight: new Map(tally.inFlight).set(activity.partNumber, activity.loadedBytes) },
        totalBytes,
      );
    case 'part-acknowledged':
      return shown(
        {
          ...tally,
          inFlight: without(tally.inFlight, activity.part.partNumber),
          acknowledgedBytes: tally.acknowledgedBytes + activity.part.size,
        },
        totalBytes,
      );
    case 'recalled':
      return { ...tally, shownBytes: totalSize(activity.checkpoint.parts) };
    case 'object-found':
      return { ...tally, acknowledgedBytes: totalBytes, shownBytes: totalBytes };
    default:
      return tally;
  }
}

/** Never above the total: a part that the service had lost is acknowledged twice. */
function shown(tally: Tally, totalBytes: number): Tally {
  let bytes = tally.acknowledgedBytes;
  for (const loaded of tally.inFlight.values()) bytes += loaded;
  return { ...tally, shownBytes: Math.min(totalBytes, Math.max(tally.shownBytes, bytes)) };
}

function without(inFlight: ReadonlyMap<number, number>, partNumber: number): ReadonlyMap<number, number> {
  const rest = new Map(inFlight);
  rest.delete(partNumber);
  return rest;
}

interface Measures {
  readonly totalBytes: number;
  readonly startedAt: number;
  readonly progressIntervalMs: number;
}

function emit(tally: Tally, activity: Activity, measures: Measures, now: number): Tally {
  if (activity.type === 'upload-gone') {
    const lostBytes = tally.emittedBytes ?? tally.shownBytes;
    return { ...nothing, events: [{ type: 'restarted', reason: 'upload-gone', lostBytes }] };
  }
  const events = eventsOf(activity);
  if (!isDue(tally, activity, measures, now)) return { ...tally, events };
  const { totalBytes, startedAt } = measures;
  const speed = withSample(tally.speed, now, tally.shownBytes);
  events.push({
    type: 'progress',
    transferredBytes: tally.shownBytes,
    totalBytes,
    elapsedSeconds: (now - startedAt) / 1000,
    bytesPerSecond: bytesPerSecond(speed),
  });
  return { ...tally, events, speed, emittedAt: now, emittedBytes: tally.shownBytes };
}

/** The events of an activity besides progress. */
function eventsOf(activity: Exclude<Activity, UploadGone>): UploadEvent[] {
  switch (activity.type) {
    case 'bytes-sent':
    case 'object-found':
    case 'recalled':
      return [];
    case 'part-acknowledged': {
      const { part, checkpoint } = activity;
      const completed: UploadEvent = { type: 'part-completed', ...part };
      return checkpoint === null ? [completed] : [{ type: 'checkpoint', checkpoint }, completed];
    }
    default:
      return [activity];
  }
}

/** At the start, then when the bytes have changed and the interval is over or everything is acknowledged. */
function isDue(tally: Tally, activity: Activity, { totalBytes, progressIntervalMs }: Measures, now: number): boolean {
  if (activity.type === 'started') return true;
  if (tally.emittedBytes === null || tally.shownBytes === tally.emittedBytes) return false;
  return now - tally.emittedAt >= progressIntervalMs || tally.acknowledgedBytes === totalBytes;
}

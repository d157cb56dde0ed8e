import { defer, ignoreElements, Observable, type OperatorFunction, scan, tap } from 'rxjs';
import { monotonicNow } from '../time.js';
import type { UploadEvent } from '../model/upload/event.js';
import { totalSize } from '../model/checkpoint/reconcile.js';
import { partCountOf } from '../model/checkpoint/parts.js';
import { isGrowing } from './parts/growing.js';
import { sentBytes } from './parts/read-source.js';
import type { Activity, UploadGone } from './step.js';
import { bytesPerSecond, withSample, type SpeedWindow } from './speed.js';
import type { Cutting, Upload } from './upload.js';

/** The fields of an upload that progress is computed from. */
type Measured = Cutting & Pick<Upload, 'transform' | 'checkpoint' | 'progressIntervalMs'>;

/** Turns activities into events: counts bytes and emits progress at most once per interval, and always at the end. */
export function toEvents(upload: Measured): OperatorFunction<Activity, UploadEvent> {
  const { checkpoint, progressIntervalMs, source } = upload;
  return (activity$) =>
    defer(() => {
      const startedAt = monotonicNow();
      const shownBytes = checkpoint === null ? 0 : totalSize(checkpoint.parts);
      let measured = upload;
      let sizes = sizesOf(measured);
      return activity$.pipe(
        scan(
          ({ tally }: Counted, activity) => {
            // A stored upload keeps its part size, whatever the request's.
            if (activity.type === 'restored') measured = { ...upload, partSize: activity.checkpoint.partSize };
            if (activity.type === 'restored' || isGrowing(source)) sizes = sizesOf(measured);
            return emit(count(tally, activity, sizes), activity, { sizes, startedAt, progressIntervalMs });
          },
          { tally: { ...nothing, shownBytes }, events: none },
        ),
        emitEach(({ events }) => events),
      );
    });
}

interface Sizes {
  /** null until the end of a stream */
  readonly totalBytes: number | null;
  readonly availableBytes: number;
}

/** A stream grows while it is uploaded; a file is all there. */
function sizesOf(upload: Measured): Sizes {
  const { source, partSize, transform } = upload;
  const size = isGrowing(source) ? source.availableBytes : (upload.size ?? source.size);
  const availableBytes = sentBytes(transform, size, partCountOf(size, partSize));
  return { totalBytes: source.size === null ? null : availableBytes, availableBytes };
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

/** The bytes so far. */
interface Tally {
  readonly acknowledgedBytes: number;
  /** Bytes sent of each part in flight, by part number. */
  readonly inFlight: ReadonlyMap<number, number>;
  /** Never falls while a part is sent again. */
  readonly shownBytes: number;
  /** When progress was last emitted, and how many bytes it showed. */
  readonly emittedAt: number;
  readonly emittedBytes: number | null;
  readonly emittedSizes: Sizes | null;
  readonly speed: SpeedWindow;
}

const nothing: Tally = {
  acknowledgedBytes: 0,
  inFlight: new Map(),
  shownBytes: 0,
  emittedAt: -Infinity,
  emittedBytes: null,
  emittedSizes: null,
  speed: [],
};

/** The bytes after an activity, and the events that it became. */
interface Counted {
  readonly tally: Tally;
  readonly events: readonly UploadEvent[];
}

const none: readonly UploadEvent[] = [];

function count(tally: Tally, activity: Activity, { availableBytes }: Sizes): Tally {
  switch (activity.type) {
    case 'started':
      return { ...nothing, acknowledgedBytes: activity.resumedBytes, shownBytes: activity.resumedBytes };
    case 'bytes-sent': {
      const inFlight = new Map(tally.inFlight).set(activity.partNumber, activity.loadedBytes);
      return shown(tally, tally.acknowledgedBytes, inFlight, availableBytes);
    }
    case 'part-acknowledged': {
      const inFlight = new Map(tally.inFlight);
      inFlight.delete(activity.part.partNumber);
      return shown(tally, tally.acknowledgedBytes + activity.part.size, inFlight, availableBytes);
    }
    case 'restored':
      return { ...tally, shownBytes: totalSize(activity.checkpoint.parts) };
    case 'object-found':
      return { ...tally, acknowledgedBytes: availableBytes, shownBytes: availableBytes };
    default:
      return tally;
  }
}

/** Never above what there is: a part that the service had lost is acknowledged twice. */
function shown(
  tally: Tally,
  acknowledgedBytes: number,
  inFlight: ReadonlyMap<number, number>,
  availableBytes: number,
): Tally {
  let bytes = acknowledgedBytes;
  for (const loaded of inFlight.values()) bytes += loaded;
  const shownBytes = Math.min(availableBytes, Math.max(tally.shownBytes, bytes));
  return { ...tally, acknowledgedBytes, inFlight, shownBytes };
}

interface Measures {
  readonly sizes: Sizes;
  readonly startedAt: number;
  readonly progressIntervalMs: number;
}

function emit(tally: Tally, activity: Activity, measures: Measures): Counted {
  if (activity.type === 'upload-gone') {
    const lostBytes = tally.emittedBytes ?? tally.shownBytes;
    return { tally: nothing, events: [{ type: 'restarted', reason: 'upload-gone', lostBytes }] };
  }
  const now = monotonicNow();
  const events = eventsOf(activity);
  if (!isDue(tally, activity, measures, now)) return { tally, events };
  const { sizes, startedAt } = measures;
  const { shownBytes } = tally;
  const speed = withSample(tally.speed, now, shownBytes);
  const progress: UploadEvent = {
    type: 'progress',
    transferredBytes: shownBytes,
    ...sizes,
    elapsedSeconds: (now - startedAt) / 1000,
    bytesPerSecond: bytesPerSecond(speed),
  };
  return {
    tally: { ...tally, speed, emittedAt: now, emittedBytes: shownBytes, emittedSizes: sizes },
    events: [...events, progress],
  };
}

/** The events of an activity besides progress. */
function eventsOf(activity: Exclude<Activity, UploadGone>): readonly UploadEvent[] {
  switch (activity.type) {
    case 'bytes-sent':
    case 'source-grew':
    case 'object-found':
    case 'restored':
    case 'initiate-sent':
      return none;
    case 'part-acknowledged': {
      const { part, checkpoint } = activity;
      const { partNumber, size, etag } = part;
      const completed: UploadEvent = { type: 'part-completed', partNumber, size, etag };
      return checkpoint === null ? [completed] : [{ type: 'checkpoint', checkpoint }, completed];
    }
    default:
      return [activity];
  }
}

/** At the start, then when a number has changed and the interval is over or everything is acknowledged. */
function isDue(tally: Tally, activity: Activity, measures: Measures, now: number): boolean {
  const { sizes, progressIntervalMs } = measures;
  if (activity.type === 'started') return true;
  if (tally.emittedBytes === null || isShown(tally, sizes)) return false;
  return now - tally.emittedAt >= progressIntervalMs || tally.acknowledgedBytes === sizes.totalBytes;
}

function isShown({ shownBytes, emittedBytes, emittedSizes }: Tally, { totalBytes, availableBytes }: Sizes): boolean {
  return (
    shownBytes === emittedBytes &&
    totalBytes === emittedSizes?.totalBytes &&
    availableBytes === emittedSizes.availableBytes
  );
}

import { EMPTY, from, Observable, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { withParts, type UploadCheckpoint, type UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { partAt, planParts, type PlannedPart } from '../../model/checkpoint/parts.js';
import { missingParts } from '../../model/checkpoint/reconcile.js';
import type { EngineSource, PartsToSend, StreamedSource } from '../../ports/source/streamed-source.js';
import type { Cutting, Upload } from '../upload.js';
import type { Activity, Result } from '../step.js';

/** The parts that the server does not have: of a file all at once. */
export function partsToSend(upload: Cutting, uploaded: readonly UploadedPart[]): PartsToSend {
  const { source } = upload;
  if (isGrowing(source)) return source.partsToSend(upload.partSize, uploaded);
  const missing = missingParts(knownParts(upload), uploaded);
  let started = 0;
  return {
    part$: from(missing),
    started: () => {
      started += 1;
    },
    upcoming: (limit) => missing.slice(started, started + limit),
    warningOf: () => null,
    end$: EMPTY,
  };
}

/** The parts that have all their bytes: of a file all of them. */
export function knownParts({ source, size, partSize }: Cutting): readonly PlannedPart[] {
  if (!isGrowing(source)) return planParts(size ?? source.size, partSize);
  if (source.size !== null) return planParts(source.size, partSize);
  const full = Math.floor(source.availableBytes / partSize);
  return Array.from({ length: full }, (_, i) => partAt(source.availableBytes, partSize, i + 1));
}

/** Whether a source is a stream, which may still be in the making. */
export function isGrowing(source: EngineSource): source is StreamedSource {
  return 'grown$' in source;
}

/** Runs an upload with its source: at once, or as its stream permits. */
export function withSource(upload: Upload, run: (upload: Upload) => Observable<Activity>): Observable<Activity> {
  const { source } = upload;
  return isGrowing(source) ? source.run(upload, run) : run(upload);
}

/** The checkpoint with the size of its stream, if it has ended since. */
export function withSize(source: EngineSource, checkpoint: UploadCheckpoint): UploadCheckpoint {
  const { file } = checkpoint;
  if (!isGrowing(source) || source.size === null || file.size !== null) return checkpoint;
  return Object.freeze({ ...checkpoint, file: { ...file, size: source.size } });
}

/** The checkpoint with all parts of its stream, which remembers more than an older checkpoint does. */
export function withAcknowledged(source: EngineSource, checkpoint: UploadCheckpoint): UploadCheckpoint {
  if (!isGrowing(source)) return checkpoint;
  const parts = new Map([...checkpoint.parts, ...source.acknowledged].map((part) => [part.partNumber, part]));
  return withParts(checkpoint, [...parts.values()]);
}

/** Lets a stream release the bytes of each acknowledged part. */
export function releaseAcknowledged({ source, partSize }: Cutting): MonoTypeOperatorFunction<Activity> {
  if (!isGrowing(source)) return (activity$) => activity$;
  return (activity$) =>
    activity$.pipe(
      tap((activity) => {
        if (activity.type !== 'part-acknowledged') return;
        const { part } = activity;
        source.acknowledge(part, partAt(source.availableBytes, partSize, part.partNumber));
      }),
    );
}

/** Completes when the bytes of a part can be cut: those of a stream may be in another thread. */
export function reached$(source: EngineSource, { end }: PlannedPart): Observable<never> {
  return isGrowing(source) ? source.reach(end) : EMPTY;
}

/** Adds an activity for each growth of a stream. */
export function withGrowth<R>(source: EngineSource): MonoTypeOperatorFunction<Activity | Result<R>> {
  if (!isGrowing(source)) return (activity$) => activity$;
  return (activity$) =>
    new Observable((subscriber) => {
      subscriber.add(source.grown$.subscribe(() => subscriber.next({ type: 'source-grew' })));
      activity$.subscribe(subscriber);
    });
}

/** @throws SourceError if an upload to come would lack parts of a stream that are on the server only */
export function requireEntire(source: EngineSource, next: 'start' | 'restart'): void {
  if (isGrowing(source)) source.requireEntire(next);
}

/** Whether the bytes of a part can be read: a stream stores those that it has not seen acknowledged. */
export function isStored(source: EngineSource, { partNumber }: PlannedPart): boolean {
  return !isGrowing(source) || !source.acknowledged.some((part) => part.partNumber === partNumber);
}

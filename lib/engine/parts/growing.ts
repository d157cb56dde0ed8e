import { Observable, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { SourceError } from '../../model/errors/source-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import { partAt, type PlannedPart } from '../../model/parts.js';
import type { GrowingSource, PlainSource } from '../../ports/source/upload-source.js';
import type { Activity, Result } from '../step.js';
import type { Upload } from '../upload.js';

/** Whether a source is a stream, which may still be in the making. */
export function isGrowing(source: PlainSource): source is GrowingSource {
  return 'grown$' in source;
}

/** The checkpoint with the size of its stream, if it has ended since. */
export function withSize({ source }: Upload, checkpoint: UploadCheckpoint): UploadCheckpoint {
  const { file } = checkpoint;
  if (!isGrowing(source) || source.size === null || file.size !== null) return checkpoint;
  return Object.freeze({ ...checkpoint, file: { ...file, size: source.size } });
}

/** Lets a stream release the bytes of each acknowledged part. */
export function releaseAcknowledged({ source, partSize }: Upload): MonoTypeOperatorFunction<Activity> {
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

/** Adds an activity for each growth of a stream. */
export function withGrowth<R>({ source }: Upload): MonoTypeOperatorFunction<Activity | Result<R>> {
  if (!isGrowing(source)) return (activity$) => activity$;
  return (activity$) =>
    new Observable((subscriber) => {
      subscriber.add(source.grown$.subscribe(() => subscriber.next({ type: 'source-grew' })));
      activity$.subscribe(subscriber);
    });
}

/** @throws SourceError if some of a stream's parts are on the server only, so that no other upload can have them. */
export function requireEntire(upload: Upload): void {
  if (isPartlyReleased(upload)) throw partsReleased();
}

function partsReleased(): SourceError {
  return new SourceError(
    'source-unreadable',
    'Parts of this stream were sent already and are no longer stored, so they cannot be sent again. Resume with the last ' +
      'checkpoint; if that upload is gone from the server, the stream has to be produced again.',
    { resumable: false },
  );
}

/** @throws SourceError if an upload that is gone from the server had parts of a stream that nobody else has. */
export function requireRestartable(upload: Upload): void {
  if (isPartlyReleased(upload)) throw partsGone();
}

/** Bytes of a stream are released once the server has them. */
function isPartlyReleased({ source }: Upload): boolean {
  return isGrowing(source) && source.acknowledged.length > 0;
}

function partsGone(): SourceError {
  return new SourceError(
    'source-unreadable',
    'The upload of this stream is gone from the server: it was aborted elsewhere, or a lifecycle rule of the bucket ' +
      'removed it. Its parts were not stored here any more, so the object cannot be made: produce the stream again, as ' +
      'another source.',
    { resumable: false },
  );
}

/** Whether the bytes of a part can be read: a stream stores those that it has not seen acknowledged. */
export function isStored({ source }: Upload, { partNumber }: PlannedPart): boolean {
  return !isGrowing(source) || !source.acknowledged.some((part) => part.partNumber === partNumber);
}

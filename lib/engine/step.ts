import { concat, defer, EMPTY, filter, type Observable, type OperatorFunction } from 'rxjs';
import type { UploadCheckpoint, UploadedPart } from '../model/checkpoint.js';
import type { PartCompleted, UploadEvent, UploadRestarted } from '../model/event.js';

/** What goes on inside an upload: the events that users see, and what becomes one only by the tally of bytes. */
export type Activity =
  | Exclude<UploadEvent, PartCompleted | UploadRestarted>
  | Recalled
  | PartAcknowledged
  | BytesSent
  | UploadGone
  | ObjectFound;

/** A store knows where the upload stands. */
export interface Recalled {
  readonly type: 'recalled';
  readonly checkpoint: UploadCheckpoint;
}

/** The server has a part: told as the checkpoint that holds it, then as completed. */
export interface PartAcknowledged {
  readonly type: 'part-acknowledged';
  readonly part: UploadedPart;
  /** null: the file goes as one PUT */
  readonly checkpoint: UploadCheckpoint | null;
}

/** So much of a part's current attempt has gone out. */
export interface BytesSent {
  readonly type: 'bytes-sent';
  readonly partNumber: number;
  readonly loadedBytes: number;
}

/** The server has lost the upload: what was sent counts no more. */
export interface UploadGone {
  readonly type: 'upload-gone';
}

/** The object is there already: nothing is left to send. */
export interface ObjectFound {
  readonly type: 'object-found';
}

/** The last thing that a step says: its result, which the next step begins with. */
export interface Result<R> {
  readonly type: 'result';
  readonly value: R;
}

/** A step of the upload: tells what it does, then its result. */
export type Step<R, A = Activity> = Observable<A | Result<R>>;

export function result<R>(value: R): Result<R> {
  return { type: 'result', value };
}

/**
 * Tells on what a step does and goes on with its result.
 *
 * ```text
 * step:            a--b--(R|)
 * concatResult(next):  a--b--[next(R)]
 * ```
 */
export function concatResult<R, A extends { readonly type: string }, B>(
  next: (result: R) => Observable<B>,
): OperatorFunction<A | Result<R>, A | B> {
  return (step$) =>
    defer(() => {
      let last: Result<R> | null = null;
      const told$ = step$.pipe(
        filter((said): said is A => {
          if (!isResult(said)) return true;
          last = said;
          return false;
        }),
      );
      return concat(
        told$,
        defer(() => (last === null ? EMPTY : next(last.value))),
      );
    });
}

/** The checkpoint that an activity brings. */
export function checkpointOf(activity: Activity): UploadCheckpoint | null {
  return activity.type === 'checkpoint' || activity.type === 'part-acknowledged' ? activity.checkpoint : null;
}

export function isResult<R>(said: { readonly type: string } | Result<R>): said is Result<R> {
  return said.type === 'result';
}

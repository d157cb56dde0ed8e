import { concat, defer, EMPTY, filter, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import type { UploadCheckpoint, UploadedPart } from '../model/checkpoint/checkpoint.js';
import type { PartCompleted, UploadEvent, UploadRestarted } from '../model/upload/event.js';
import { toObservable } from '../ports/from-port.js';

/** What happens inside an upload: the events that users see, and internal ones that `toEvents` turns into events. */
export type Activity =
  | Exclude<UploadEvent, PartCompleted | UploadRestarted>
  | CheckpointRestored
  | InitiateSent
  | PartAcknowledged
  | BytesSent
  | SourceGrew
  | UploadGone
  | ObjectFound;

/** A checkpoint was loaded from the store. */
export interface CheckpointRestored {
  readonly type: 'restored';
  readonly checkpoint: UploadCheckpoint;
}

/** The request that creates the upload is in flight: it may take effect although its response is lost. */
export interface InitiateSent {
  readonly type: 'initiate-sent';
}

/** The server has a part: users see the checkpoint that holds it, then `part-completed`. */
export interface PartAcknowledged {
  readonly type: 'part-acknowledged';
  readonly part: UploadedPart;
  /** null: the file goes as one PUT */
  readonly checkpoint: UploadCheckpoint | null;
}

/** How many bytes of a part's current attempt have been sent. */
export interface BytesSent {
  readonly type: 'bytes-sent';
  readonly partNumber: number;
  readonly loadedBytes: number;
}

/** A stream has produced more bytes, or ended. */
export interface SourceGrew {
  readonly type: 'source-grew';
}

/** The server has lost the upload, and with it the parts that were sent. */
export interface UploadGone {
  readonly type: 'upload-gone';
}

/** The object is there already: nothing is left to send. */
export interface ObjectFound {
  readonly type: 'object-found';
}

/** The last value of a step: its result, which the next step begins with. */
export interface Result<R> {
  readonly type: 'result';
  readonly value: R;
}

/** A step of the upload: emits activities, then its result. */
export type Step<R, A = Activity> = Observable<A | Result<R>>;

export function result<R>(value: R): Result<R> {
  return { type: 'result', value };
}

/**
 * Re-emits the activities of a step, then continues with its result.
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
      const activity$ = step$.pipe(
        filter((value): value is A => {
          if (!isResult(value)) return true;
          last = value;
          return false;
        }),
      );
      return concat(
        activity$,
        defer(() => (last === null ? EMPTY : next(last.value))),
      );
    });
}

/** The checkpoint that an activity brings. */
export function checkpointOf(activity: Activity): UploadCheckpoint | null {
  return activity.type === 'checkpoint' || activity.type === 'part-acknowledged' ? activity.checkpoint : null;
}

export function isResult<R>(value: { readonly type: string } | Result<R>): value is Result<R> {
  return value.type === 'result';
}

/**
 * `defer` for side effects: does nothing when the subscriber is already closed. Operators subscribe to their next inner
 * observable even when a handler downstream has just unsubscribed in the middle of `next`.
 */
export function deferUnlessClosed<T>(factory: () => ObservableInput<T>): Observable<T> {
  return new Observable((subscriber) => {
    if (subscriber.closed) return undefined;
    try {
      return toObservable(factory()).subscribe(subscriber);
    } catch (error) {
      subscriber.error(error);
      return undefined;
    }
  });
}

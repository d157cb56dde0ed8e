import { AsyncSubject, catchError, concat, concatWith, EMPTY, ignoreElements, Observable, tap, throwError } from 'rxjs';
import type { FileIdentity, UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { isGrowing } from '../parts/growing.js';
import type { Transferred } from '../parts/send-parts.js';
import { checkpointOf, isResult, result, type Activity, type Result, type Step } from '../step.js';
import type { Cutting, Reading, Upload } from '../upload.js';
import { identify$, identityOf, unidentified, type IdentifiedFile } from './identify.js';

/** What was transferred, and the file that it was identified as in the meantime. */
export interface Identified<R> {
  readonly file: IdentifiedFile;
  readonly transferred: R;
}

/** Whether nothing before the first checkpoint depends on which file this is. */
export function isFresh({
  checkpoint,
  persistence,
  source,
}: Pick<Upload, 'checkpoint' | 'persistence' | 'source'>): boolean {
  return checkpoint === null && persistence === null && !isGrowing(source);
}

/**
 * Transfers a file while it is being identified: requests do not need its identity, and checkpoints wait for it.
 *
 * ```text
 * identify$:  --------------(f|)
 * transfer:   --(sc)-b-b-a-b----b--a-(R|)
 * emitted:    --s----b-b---b-(ca)b-a-(R|)
 * ```
 * (s: started, c: checkpoint, b: bytes sent, a: part acknowledged, with its checkpoint)
 *
 * Reading begins first, so that no part is of an earlier version of the file than the sample, and a source that fails at
 * once is not uploaded at all; nor is one that fails while initiate backs off. If it fails later, the last checkpoint,
 * which is waited for, has no sample: it vouches for no part, so the upload can be aborted, and resumed as safely as a
 * new one.
 */
export function identifyMeanwhile<R extends Transferred>(
  upload: Reading & Cutting,
  transfer: (file: FileIdentity) => Step<R>,
): Step<Identified<R>> {
  return new Observable((subscriber) => {
    let release: (() => void) | null = null;
    let fail: (() => void) | null = null;
    let isInitiating = false;
    let waiting: (Activity | Result<R>)[] = [];
    const released$ = new AsyncSubject<never>();

    const releaseAs = (file: IdentifiedFile, identity: FileIdentity) => () => {
      // A queue: what a subscriber causes within `next` comes after those that wait.
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        subscriber.next(
          isResult(next)
            ? result({ file, transferred: withIdentity(next.value, identity) })
            : asIdentified(next, identity),
        );
      }
    };
    const accept = (activity: Activity | Result<R>): void => {
      // The parts that wait are gone with their upload.
      if (activity.type === 'upload-gone') waiting = [];
      if (!isResult(activity) && checkpointOf(activity) === null) {
        if (activity.type === 'initiate-sent') isInitiating = true;
        if (activity.type === 'retrying' || activity.type === 'waiting') isInitiating = false;
        // Nothing is in flight: there is no checkpoint to wait for.
        if (!isInitiating) fail?.();
        return subscriber.next(activity);
      }
      isInitiating = false;
      waiting.push(activity);
      fail?.();
      return release?.();
    };
    const identified = {
      next: (file: IdentifiedFile): void => {
        release = releaseAs(file, identityOf(file, upload.partSize));
        release();
        released$.complete();
      },
      error: (error: unknown): void => {
        fail = () => {
          const [first] = waiting;
          if (first !== undefined && !isResult(first)) subscriber.next(first);
          subscriber.error(error);
        };
        // The response to initiate brings the checkpoint that the upload can be aborted by.
        if (!isInitiating) fail();
      },
    };

    subscriber.add(identify$(upload).subscribe(identified));
    if (subscriber.closed) return;
    transfer(identityOf(unidentified(upload), upload.partSize))
      .pipe(
        tap(accept),
        ignoreElements(),
        catchError((error: unknown) => {
          fail?.();
          return concat(
            waiting.length === 0 ? EMPTY : released$,
            throwError(() => error),
          );
        }),
        concatWith(released$),
      )
      .subscribe(subscriber);
  });
}

function asIdentified(activity: Activity, file: FileIdentity): Activity {
  switch (activity.type) {
    case 'checkpoint':
      return withIdentity(activity, file);
    case 'part-acknowledged': {
      const { part, checkpoint } = activity;
      return checkpoint === null ? activity : withIdentity({ type: activity.type, part, checkpoint }, file);
    }
    default:
      return activity;
  }
}

function withIdentity<T extends { readonly checkpoint: UploadCheckpoint }>(value: T, file: FileIdentity): T {
  return { ...value, checkpoint: Object.freeze({ ...value.checkpoint, file }) };
}

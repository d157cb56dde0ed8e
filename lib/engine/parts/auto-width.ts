import { BehaviorSubject, defer, tap, type Observable, type OperatorFunction } from 'rxjs';
import { monotonicNow } from '../../time.js';
import type { UploadErrorInfo } from '../../model/error-info.js';
import { isDone, type Activity, type Done } from '../step.js';
import type { Sample } from './auto-width-pace.js';
import type { SentPart } from './parts-at-once.js';
import { adjustWidth, beginAutoWidth } from './auto-width-policy.js';

/** Sends parts with a width that follows from how they fare: what comes of them is what it is adjusted by. */
export function autoWidth<T>(
  bound: number,
  send: (width$: Observable<number>) => OperatorFunction<T, Activity | Done<SentPart>>,
): OperatorFunction<T, Activity | Done<SentPart>> {
  return (parts$) =>
    defer(() => {
      let state = beginAutoWidth(bound, monotonicNow());
      const width$ = new BehaviorSubject(state.width);
      const adjust = (said: Activity | Done<SentPart>): void => {
        const sample = sampleOf(said, monotonicNow());
        if (sample === null) return;
        state = adjustWidth(state, sample);
        if (state.width !== width$.value) width$.next(state.width);
      };
      return parts$.pipe(send(width$), tap(adjust));
    });
}

function sampleOf(said: Activity | Done<SentPart>, at: number): Sample | null {
  if (isDone(said)) {
    const { partNumber, size } = said.value.part;
    return { type: 'acknowledged', partNumber, bytes: size, at };
  }
  switch (said.type) {
    case 'part-started':
      return { type: 'started', partNumber: said.partNumber, at };
    case 'bytes-sent':
      return { type: 'sent', partNumber: said.partNumber, bytes: said.loadedBytes, at };
    case 'retrying': {
      const type = failureOf(said.error);
      return said.partNumber === null || type === null ? null : { type, partNumber: said.partNumber, at };
    }
    default:
      return null;
  }
}

/** What of a failed attempt can come of too many at once; keys and clocks cannot. */
function failureOf({ code, status, serviceCode }: UploadErrorInfo): 'throttled' | 'failed' | null {
  if (status === 429 || serviceCode === 'SlowDown') return 'throttled';
  return code === 'network' || code === 'stalled' || (status !== null && status >= 500) ? 'failed' : null;
}

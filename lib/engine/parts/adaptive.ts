import { BehaviorSubject, defer, tap, type Observable, type OperatorFunction } from 'rxjs';
import { monotonicNow } from '../../time.js';
import type { UploadErrorInfo } from '../../model/upload/error-info.js';
import { kindOfCode } from '../../protocol/errors/service-codes.js';
import { isResult, type Activity, type Result } from '../step.js';
import type { Sample } from './pace.js';
import type { SentPart } from './etag-evidence.js';
import { adjust, initialAdaptive } from './adaptive-policy.js';

/** Sends parts with a concurrency that adapts to their throughput and failures. */
export function adaptive<T>(
  bound: number,
  send: (concurrency$: Observable<number>) => OperatorFunction<T, Activity | Result<SentPart>>,
): OperatorFunction<T, Activity | Result<SentPart>> {
  return (parts$) =>
    defer(() => {
      let state = initialAdaptive(bound, monotonicNow());
      const concurrency$ = new BehaviorSubject(state.concurrency);
      const observe = (activity: Activity | Result<SentPart>): void => {
        const sample = sampleOf(activity, monotonicNow());
        if (sample === null) return;
        state = adjust(state, sample);
        if (state.concurrency !== concurrency$.value) concurrency$.next(state.concurrency);
      };
      return parts$.pipe(send(concurrency$), tap(observe));
    });
}

function sampleOf(activity: Activity | Result<SentPart>, at: number): Sample | null {
  if (isResult(activity)) {
    const { partNumber, size } = activity.value.part;
    return { type: 'acknowledged', partNumber, bytes: size, at };
  }
  switch (activity.type) {
    case 'part-started':
      return { type: 'started', partNumber: activity.partNumber, at };
    case 'bytes-sent':
      return { type: 'sent', partNumber: activity.partNumber, bytes: activity.loadedBytes, at };
    case 'retrying': {
      const type = failureOf(activity.error);
      return activity.partNumber === null || type === null ? null : { type, partNumber: activity.partNumber, at };
    }
    default:
      return null;
  }
}

/** The failures that too much concurrency can cause; credentials and clocks are not among them. */
function failureOf({ code, status, serviceCode }: UploadErrorInfo): 'throttled' | 'failed' | null {
  if (status === 429 || kindOfCode(serviceCode) === 'throttling') return 'throttled';
  return code === 'network' || code === 'stalled' || (status !== null && status >= 500) ? 'failed' : null;
}

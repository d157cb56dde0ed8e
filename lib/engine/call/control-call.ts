import { filter } from 'rxjs';
import type { UploadRetrying, UploadWaiting } from '../../model/event.js';
import type { Done, Step } from '../step.js';
import { call$, type Call } from './call.js';
import type { CallContext } from './call-context.js';

/** A call without a file's bytes: only its retries and waits are worth telling. */
export function controlCall$<R>(context: CallContext, call: Call<R>): Step<R, UploadRetrying | UploadWaiting> {
  return call$(context, call).pipe(
    filter(
      (activity): activity is UploadRetrying | UploadWaiting | Done<R> =>
        activity.type !== 'attempt-started' && activity.type !== 'upload-progress',
    ),
  );
}

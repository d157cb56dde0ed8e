import { defer, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { mapError } from '../map-error.js';
import { isUploadError } from '../model/errors/is-upload-error.js';
import { withContext } from '../model/errors/upload-error.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import { checkpointOf, type Activity } from './step.js';

/** Adds the last checkpoint to the error of an upload. */
export function carryCheckpoint(first: UploadCheckpoint | null): MonoTypeOperatorFunction<Activity> {
  return (activity$) =>
    defer(() => {
      let last = first;
      return activity$.pipe(
        tap((activity) => {
          last = (activity.type === 'restored' ? activity.checkpoint : checkpointOf(activity)) ?? last;
        }),
        mapError((error) => (isUploadError(error) ? withContext(error, { checkpoint: last }) : error)),
      );
    });
}

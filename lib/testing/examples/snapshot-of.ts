import type { UploadNotification } from '../../model/upload/event.js';
import { reduceUpload } from '../../model/upload/reduce-upload.js';
import { idleSnapshot, type UploadSnapshot } from '../../model/upload/snapshot.js';

/**
 * The snapshot after some notifications; idle without any.
 *
 * @example
 * ```ts
 * const halfway = snapshotOf(events.started(), events.progress({ transferredBytes: 125_000 }));
 * ```
 */
export function snapshotOf(...signals: readonly UploadNotification[]): UploadSnapshot {
  return signals.reduce(reduceUpload, idleSnapshot);
}

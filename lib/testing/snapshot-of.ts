import type { UploadNotification } from '../model/event.js';
import { reduceUpload } from '../model/reduce-upload.js';
import { idleSnapshot, type UploadSnapshot } from '../model/snapshot.js';

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

import { isDone, type Activity, type Done } from '../step.js';
import type { CallActivity } from '../call/call.js';

/** What a call with a file's bytes does, told as what happens to the part. */
export function tellPart<R>(partNumber: number, size: number): (said: CallActivity | Done<R>) => Activity | Done<R> {
  return (said) => {
    if (isDone(said)) return said;
    switch (said.type) {
      case 'attempt-started':
        return { type: 'part-started', partNumber, size, attempt: said.attempt };
      case 'upload-progress':
        return { type: 'bytes-sent', partNumber, loadedBytes: said.loadedBytes };
      default:
        return said;
    }
  };
}

import { createActionGroup, props } from '@ngrx/store';
import type { QueueAdd, QueueCommand, QueuePick, QueueState } from 'rx-obs-upload';

/** What is to be uploaded, without the file, which is not JSON. */
export interface UploadTask {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
}

/** All of them are plain JSON. */
export const uploadActions = createActionGroup({
  source: 'Upload',
  events: {
    Add: props<{ readonly tasks: readonly UploadTask[] }>(),
    /** Pause, resume, retry, abort, remove, move to the front: files or all. */
    Command: props<{ readonly command: Exclude<QueueCommand, QueueAdd | QueuePick> }>(),
    Changed: props<{ readonly state: QueueState }>(),
  },
});

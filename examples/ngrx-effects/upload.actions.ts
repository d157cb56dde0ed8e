import { createActionGroup, props } from '@ngrx/store';
import type { QueueNotification } from 'rx-obs-upload';

/** What is to be uploaded, without the file: that one is no JSON. */
export interface UploadTask {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
}

/** All of them are plain JSON. */
export const uploadActions = createActionGroup({
  source: 'Upload',
  events: {
    Start: props<UploadTask>(),
    Pause: props<{ readonly id: string }>(),
    /** After a pause, and after a failure. */
    Resume: props<{ readonly id: string }>(),
    /** What the library tells, event by event. */
    Signalled: props<QueueNotification>(),
    /** As after a reload: the state is here again, the file is not. */
    'File Missing': props<{ readonly id: string }>(),
  },
});

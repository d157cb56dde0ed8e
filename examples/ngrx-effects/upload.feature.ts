import { createActionGroup, createFeature, createReducer, on, props } from '@ngrx/store';
import { emptyQueueState, type QueueAdd, type QueueCommand, type QueuePick, type QueueState } from 'rx-obs-upload';

/** What is to be uploaded, without its file, which is not JSON. */
export type UploadTask = Readonly<Record<'id' | 'bucket' | 'key', string>>;

export const uploadActions = createActionGroup({
  source: 'Upload',
  events: {
    Add: props<{ readonly tasks: readonly UploadTask[] }>(),
    /** Pause, resume, retry, abort, remove, move to the front: files or all. */
    Command: props<{ readonly command: Exclude<QueueCommand, QueueAdd | QueuePick> }>(),
    Changed: props<{ readonly state: QueueState }>(),
  },
});

/** Has a selector for each part of the state: `selectRows`, `selectCounts`, `selectTotals`, `selectNotices` … */
export const uploadsFeature = createFeature({
  name: 'uploads',
  reducer: createReducer(
    emptyQueueState,
    on(uploadActions.changed, (_, { state }) => state),
  ),
});

import { createFeature, createReducer, on } from '@ngrx/store';
import { emptyQueueState } from 'rx-obs-upload';
import { uploadActions } from './upload.actions.js';

/** Has selectors of all parts: `selectRows`, `selectCounts`, `selectTotals`, `selectNotices` … */
export const uploadsFeature = createFeature({
  name: 'uploads',
  reducer: createReducer(
    emptyQueueState,
    on(uploadActions.changed, (_, { state }) => state),
  ),
});

import { createFeature, createReducer, on } from '@ngrx/store';
import { idleSnapshot, reduceUpload, type UploadNotification, type UploadSnapshot } from 'rx-obs-upload';
import { uploadActions, type UploadTask } from './upload.actions.js';

export interface UploadEntry extends UploadTask {
  readonly upload: UploadSnapshot;
  /** The user is to choose it again. */
  readonly isFileMissing: boolean;
}

export type UploadsState = Readonly<Record<string, UploadEntry>>;

const initialState: UploadsState = {};

export const uploadsFeature = createFeature({
  name: 'uploads',
  reducer: createReducer(
    initialState,
    on(uploadActions.start, (state, { id, bucket, key }) => ({
      ...state,
      [id]: { id, bucket, key, upload: idleSnapshot, isFileMissing: false },
    })),
    on(uploadActions.signalled, (state, { id, signal }) => told(state, id, signal)),
    on(uploadActions.pause, (state, { id }) => told(state, id, { type: 'paused', checkpoint: null })),
    on(uploadActions.resume, (state, { id }) => changed(state, id, { isFileMissing: false })),
    on(uploadActions.fileMissing, (state, { id }) => changed(state, id, { isFileMissing: true })),
  ),
});

function told(state: UploadsState, id: string, signal: UploadNotification): UploadsState {
  const entry = state[id];
  return entry === undefined ? state : changed(state, id, { upload: reduceUpload(entry.upload, signal) });
}

function changed(state: UploadsState, id: string, change: Partial<UploadEntry>): UploadsState {
  const entry = state[id];
  return entry === undefined ? state : { ...state, [id]: { ...entry, ...change } };
}

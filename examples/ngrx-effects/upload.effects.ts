import { inject } from '@angular/core';
import { Actions, createEffect, ofType } from '@ngrx/effects';
import { Store } from '@ngrx/store';
import { toUploadErrorInfo, uploadFile$, type UploadNotification } from 'rx-obs-upload';
import { OBS_CONNECTION } from 'rx-obs-upload/angular';
import { catchError, filter, map, mergeMap, of, takeUntil, tap, withLatestFrom } from 'rxjs';
import { KEPT_FILES } from './kept-files.js';
import { uploadActions } from './upload.actions.js';
import { uploadsFeature } from './upload.feature.js';

/** Uploads what is started or resumed, from the checkpoint that the state has; a pause, or another start, ends it. */
export const upload$ = createEffect(
  (actions$ = inject(Actions), store = inject(Store), files = inject(KEPT_FILES), obs = inject(OBS_CONNECTION)) =>
    actions$.pipe(
      ofType(uploadActions.start, uploadActions.resume),
      // Reducers come first: what is started is in the state.
      withLatestFrom(store.select(uploadsFeature.selectUploadsState)),
      mergeMap(([{ id }, uploads]) => {
        const entry = uploads[id];
        const sourceFile = files.get(id);
        if (entry === undefined || sourceFile === undefined) return of(uploadActions.fileMissing({ id }));
        const { bucket, key, upload } = entry;
        const request = { bucket, key, sourceFile, uploadCheckpoint: upload.checkpoint, progressIntervalMs: 250 };
        const ended$ = actions$.pipe(
          ofType(uploadActions.pause, uploadActions.start, uploadActions.resume),
          filter((action) => action.id === id),
        );
        return uploadFile$(obs, request).pipe(
          tap(({ type }) => {
            if (type === 'completed') files.delete(id);
          }),
          catchError((error: unknown) => of<UploadNotification>({ type: 'failed', error: toUploadErrorInfo(error) })),
          map((signal) => uploadActions.signalled({ id, signal })),
          takeUntil(ended$),
        );
      }),
    ),
  { functional: true },
);

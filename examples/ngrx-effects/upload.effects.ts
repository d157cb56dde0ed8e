import { inject } from '@angular/core';
import { Actions, createEffect, ofType } from '@ngrx/effects';
import { uploadQueue$, type QueueCommand, type QueueRequest } from 'rx-obs-upload';
import { OBS_CONNECTION } from 'rx-obs-upload/angular';
import { map, tap } from 'rxjs';
import { UPLOAD_FILES } from './upload-files.js';
import { UPLOAD_OPTIONS } from './upload-options.js';
import { uploadActions } from './upload.actions.js';

/** Actions are the commands of a queue, its states are actions. */
export const uploads$ = createEffect(
  (
    actions$ = inject(Actions),
    files = inject(UPLOAD_FILES),
    obs = inject(OBS_CONNECTION),
    options = inject(UPLOAD_OPTIONS),
  ) => {
    const commands$ = actions$.pipe(
      ofType(uploadActions.add, uploadActions.command),
      map((action): QueueCommand => {
        if ('command' in action) return action.command;
        // One without a file, as after a reload, is a row that has failed: the user must choose the file again.
        const requests = action.tasks.map((task) => ({ ...task, sourceFile: files.get(task.id) }) as QueueRequest);
        return { type: 'add', requests };
      }),
    );
    return uploadQueue$(obs, commands$, {
      ...options,
      defaults: { progressIntervalMs: 250, ...options.defaults },
    }).pipe(
      tap(({ rows }) => {
        for (const { id, status } of rows) if (status === 'completed') files.delete(id);
      }),
      map((state) => uploadActions.changed({ state })),
    );
  },
  { functional: true },
);

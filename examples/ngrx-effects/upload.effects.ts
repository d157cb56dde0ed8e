import { inject, InjectionToken, makeEnvironmentProviders, type EnvironmentProviders } from '@angular/core';
import { Actions, createEffect, ofType, provideEffects } from '@ngrx/effects';
import { provideState } from '@ngrx/store';
import { uploadQueue$, type QueueCommand, type QueueRequest, type UploadQueueOptions } from 'rx-obs-upload';
import { injectObsConnection } from 'rx-obs-upload/angular';
import { map, tap } from 'rxjs';
import { uploadActions, uploadsFeature } from './upload.feature.js';

/** Files by the ids of their uploads, beside the store: a `File` is not JSON, and what is in a store must be. */
export const UPLOAD_FILES = new InjectionToken('UPLOAD_FILES', {
  factory: () => new Map<string, QueueRequest['sourceFile']>(),
});

/** To stand beside `provideStore` and `provideObsConnection`: actions are commands of a queue, its states are actions. */
export function provideUploads(options: UploadQueueOptions = {}): EnvironmentProviders {
  const uploads$ = createEffect(
    (actions$ = inject(Actions), files = inject(UPLOAD_FILES)) => {
      const commands$ = actions$.pipe(
        ofType(uploadActions.add, uploadActions.command),
        map((action): QueueCommand => {
          if ('command' in action) return action.command;
          // One without a file, as after a reload, is a row that has failed: the user must choose the file again.
          const requests = action.tasks.map((task) => ({ ...task, sourceFile: files.get(task.id) }) as QueueRequest);
          return { type: 'add', requests };
        }),
      );
      return uploadQueue$(injectObsConnection(), commands$, options).pipe(
        tap(({ rows }) => rows.filter(({ status }) => status === 'completed').forEach(({ id }) => files.delete(id))),
        map((state) => uploadActions.changed({ state })),
      );
    },
    { functional: true },
  );
  return makeEnvironmentProviders([provideState(uploadsFeature), provideEffects({ uploads$ })]);
}

import { catchError, concat, defer, EMPTY, map, of, startWith, type Observable } from 'rxjs';
import { abortUpload$, toUploadErrorInfo, uploadFile$, type ObsConnection, type UploadCheckpoint } from 'rx-obs-upload';
import type { KeptCheckpoints } from './kept-checkpoints.js';
import type { PageSignal, PageState } from './page-state.js';

/** What a person asks for. */
export type Intent =
  | { readonly type: 'choose'; readonly file: File }
  | { readonly type: 'resume' }
  | { readonly type: 'cancel' }
  | { readonly type: 'abort' }
  | { readonly type: 'discard'; readonly checkpoint: UploadCheckpoint };

/** What performing needs. */
export interface Uploading {
  readonly obs: ObsConnection;
  readonly bucket: string;
  /** What the objects' keys begin with, before the file's name. */
  readonly keyPrefix: string;
  readonly kept: KeptCheckpoints;
  /** bytes; of the next upload */
  readonly partSize: () => number;
  /** Parts at once; a new value counts for the running upload too. */
  readonly taskNum$: Observable<number>;
}

/**
 * What an intent does, told as signals. Subscribed to by `switchMap`, so that a new intent unsubscribes from what is
 * running: that alone is what cancels an upload.
 */
export function perform(uploading: Uploading, intent: Intent, page: PageState): Observable<PageSignal> {
  const { kept } = uploading;
  return concat(
    perform$(uploading, intent, page),
    defer(() => of<PageSignal>({ type: 'kept', unfinished: kept.list() })),
  );
}

function perform$(uploading: Uploading, intent: Intent, { file, upload }: PageState): Observable<PageSignal> {
  switch (intent.type) {
    case 'choose': {
      const checkpoint = uploading.kept.find(intent.file);
      const chosen$ = of<PageSignal>({ type: 'chosen', file: intent.file, checkpoint });
      // Half of it may be there: then it is for the person to say whether to go on.
      return checkpoint === null ? concat(chosen$, upload$(uploading, intent.file, null)) : chosen$;
    }
    case 'resume':
      return file === null ? EMPTY : upload$(uploading, file, upload.checkpoint);
    case 'cancel':
      return of({ type: 'paused', checkpoint: upload.checkpoint });
    case 'abort':
      return upload.checkpoint === null ? of({ type: 'aborted' }) : abort$(uploading, upload.checkpoint);
    case 'discard':
      return discard$(uploading, intent.checkpoint);
  }
}

function upload$(uploading: Uploading, file: File, checkpoint: UploadCheckpoint | null): Observable<PageSignal> {
  const { obs, bucket, keyPrefix, kept, partSize, taskNum$ } = uploading;
  return defer(() =>
    uploadFile$(obs, {
      bucket,
      key: keyPrefix + file.name,
      sourceFile: file,
      partSize: partSize(),
      taskNum: taskNum$,
      uploadCheckpoint: checkpoint,
    }),
  ).pipe(
    kept.keep(checkpoint),
    startWith<PageSignal>({ type: 'starting' }),
    catchError((error: unknown) => of<PageSignal>({ type: 'failed', error: toUploadErrorInfo(error) })),
  );
}

function abort$(uploading: Uploading, checkpoint: UploadCheckpoint): Observable<PageSignal> {
  return delete$(uploading, checkpoint).pipe(
    map((): PageSignal => ({ type: 'aborted' })),
    startWith<PageSignal>({ type: 'aborting' }),
    catchError((error: unknown) => of<PageSignal>({ type: 'failed', error: toUploadErrorInfo(error) })),
  );
}

function discard$(uploading: Uploading, checkpoint: UploadCheckpoint): Observable<PageSignal> {
  return delete$(uploading, checkpoint).pipe(
    map((): PageSignal => ({ type: 'discarded', text: `The parts of ${checkpoint.key} are deleted.` })),
    catchError((error: unknown) => {
      const { message } = toUploadErrorInfo(error);
      return of<PageSignal>({ type: 'discarded', text: `${checkpoint.key} was not deleted: ${message}` });
    }),
  );
}

function delete$({ obs, kept }: Uploading, checkpoint: UploadCheckpoint): Observable<unknown> {
  return abortUpload$(obs, checkpoint).pipe(map(() => kept.forget(checkpoint)));
}

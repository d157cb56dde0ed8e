import { catchError, concat, EMPTY, from, ignoreElements, map, mergeMap, of, tap, type Observable } from 'rxjs';
import { recallFile$ } from 'rx-obs-upload';
import type { GivenFile } from './given-files.js';
import { takeInProgress } from './going-on.js';
import type { PageSignal } from './page-state.js';
import type { Sending, Uploading } from './sending.js';
import { discard$, unfinished$, type UnfinishedUpload } from './unfinished.js';

/** Lists what is unfinished; what this tab was at when it was reloaded goes on, where the browser gives the file. */
export function open$(uploading: Uploading, sending: Sending): Observable<PageSignal> {
  const wasAt = takeInProgress();
  return unfinished$(uploading).pipe(
    mergeMap((unfinished) => {
      const goingOn$ = from(unfinished).pipe(
        mergeMap((upload) =>
          upload.hasFile && wasAt.has(upload.checkpoint.key)
            ? // Where it needs a person's leave, it waits for the person.
              goOn$(uploading, sending, upload, null).pipe(catchError(() => EMPTY))
            : EMPTY,
        ),
      );
      return concat(of<PageSignal>({ type: 'listed', unfinished }), goingOn$);
    }),
    catchError(() =>
      notice$(
        'This browser lets the page keep nothing. Files are uploaded all the same, but a reload begins them anew.',
      ),
    ),
  );
}

export function look$(uploading: Uploading): Observable<PageSignal> {
  return unfinished$(uploading).pipe(
    map((unfinished): PageSignal => ({ type: 'listed', unfinished })),
    catchError(() => EMPTY),
  );
}

/** Goes on with its file: the one that is given, or else the one that is kept. */
export function goOnOrSay$(
  uploading: Uploading,
  sending: Sending,
  upload: UnfinishedUpload,
  given: GivenFile | null,
): Observable<PageSignal> {
  const goingOn$ = goOn$(uploading, sending, upload, given);
  return concat(notice$(null), goingOn$.pipe(catchError((error: unknown) => notice$(messageOf(error)))));
}

function goOn$(
  { store }: Uploading,
  sending: Sending,
  upload: UnfinishedUpload,
  given: GivenFile | null,
): Observable<never> {
  const { checkpoint } = upload;
  return recallFile$(store, upload, given?.handle ?? given?.file).pipe(
    tap((file) => {
      const handle = given?.handle ?? null;
      sending.send(checkpoint.key, { file, path: given?.path ?? file.name, handle }, checkpoint);
    }),
    ignoreElements(),
  );
}

export function discardOrSay$(uploading: Uploading, upload: UnfinishedUpload): Observable<PageSignal> {
  const { key } = upload.checkpoint;
  const discarding$ = discard$(uploading, upload).pipe(
    map(() => `The parts of ${key} are deleted.`),
    catchError((error: unknown) => of(`${key} is not discarded: ${messageOf(error)}`)),
    mergeMap(notice$),
  );
  return concat(notice$(null), discarding$, look$(uploading));
}

export function notice$(text: string | null): Observable<PageSignal> {
  return of({ type: 'noticed', text });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

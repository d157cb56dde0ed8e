import {
  catchError,
  concat,
  defer,
  EMPTY,
  from,
  ignoreElements,
  map,
  mergeMap,
  of,
  startWith,
  tap,
  type Observable,
} from 'rxjs';
import type { UploadCheckpoint } from 'rx-obs-upload';
import type { Given, GivenFile } from './given-files.js';
import { inSlices } from './in-slices.js';
import { fileOf, type PageSignal, type PageState } from './page-state.js';
import { discardOrSay$, goOnOrSay$, look$, messageOf, notice$, open$ } from './perform-unfinished.js';
import type { Sending, Uploading } from './sending.js';
import { targetOf } from './target.js';
import { delete$, type UnfinishedUpload } from './unfinished.js';

/** What a person asks for; `open` and `look` are what the page asks for itself. */
export type Intent =
  | { readonly type: 'open' | 'look' }
  | { readonly type: 'add'; readonly files: readonly Given[] }
  | { readonly type: 'pause' | 'resume' | 'abort' | 'remove'; readonly ids: readonly string[] }
  /** Without the file it is the one that is kept. */
  | { readonly type: 'go-on'; readonly upload: UnfinishedUpload; readonly given: GivenFile | null }
  | { readonly type: 'discard'; readonly upload: UnfinishedUpload };

/** What an intent does beside what the uploads tell of themselves. */
export function perform$(
  uploading: Uploading,
  sending: Sending,
  intent: Intent,
  page: () => PageState,
): Observable<PageSignal> {
  switch (intent.type) {
    case 'open':
      return open$(uploading, sending);
    case 'look':
      return look$(uploading);
    case 'add':
      return add$(uploading, sending, intent.files, page);
    case 'pause':
      // The last first: else those that wait would take the turns of those that stop.
      return each$([...intent.ids].reverse(), (id) => sending.stop(id));
    case 'resume':
      return each$(intent.ids, (id) => sending.sendAgain(id, checkpointOf(page(), id)));
    case 'abort':
      return from(intent.ids).pipe(mergeMap((id) => abort$(uploading, sending, id, page)));
    case 'remove':
      return remove$(uploading, sending, intent.ids);
    case 'go-on':
      return goOnOrSay$(uploading, sending, intent.upload, intent.given);
    case 'discard':
      return discardOrSay$(uploading, intent.upload);
  }
}

function add$(
  { keyPrefix }: Uploading,
  sending: Sending,
  files: readonly Given[],
  page: () => PageState,
): Observable<PageSignal> {
  return defer(() => {
    const unread: string[] = [];
    for (const given of files) {
      if (given.file === null) unread.push(given.path);
      else {
        const { id, isThere } = targetOf(keyPrefix, given, sending, page().unfinished);
        // The same file once more goes on, or is on its way already.
        if (!sending.isRunning(id)) sending.send(id, given, isThere ? checkpointOf(page(), id) : null);
      }
    }
    return unread.length === 0
      ? EMPTY
      : notice$(
          `Cannot be read, and so is not uploaded: ${unread.slice(0, 3).join(', ')}${andMore(unread.length - 3)}.`,
        );
  });
}

function checkpointOf(page: PageState, id: string): UploadCheckpoint | null {
  return fileOf(page, id)?.checkpoint ?? null;
}

function andMore(count: number): string {
  return count > 0 ? ` and ${count} more` : '';
}

function each$(ids: readonly string[], act: (id: string) => void): Observable<never> {
  return from(ids).pipe(
    inSlices(),
    tap((slice) => slice.forEach(act)),
    ignoreElements(),
  );
}

function abort$(uploading: Uploading, sending: Sending, id: string, page: () => PageState): Observable<PageSignal> {
  return defer(() => {
    sending.stop(id);
    const checkpoint = checkpointOf(page(), id);
    if (checkpoint === null) return of<PageSignal>({ type: 'deleted', id });
    return delete$(uploading, checkpoint).pipe(
      map((): PageSignal => ({ type: 'deleted', id })),
      catchError((error: unknown) =>
        of<PageSignal>({ type: 'not-deleted', id, why: `Its parts are not deleted: ${messageOf(error)}` }),
      ),
      startWith<PageSignal>({ type: 'deleting', id }),
    );
  });
}

/** What is not done stays where it is, on the server and on the list of what is unfinished. */
function remove$(uploading: Uploading, sending: Sending, ids: readonly string[]): Observable<PageSignal> {
  return concat(
    each$([...ids].reverse(), (id) => {
      sending.stop(id);
      sending.forget(id);
    }),
    look$(uploading),
    of<PageSignal>({ type: 'removed', ids }),
  );
}

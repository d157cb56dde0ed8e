import { EMPTY, filter, fromEvent, map, merge, mergeMap, of, tap, type Observable } from 'rxjs';
import type { UploadCheckpoint } from 'rx-obs-upload';
import type { PageElements } from './page-elements.js';
import type { Intent } from './perform.js';

/** What a person asks for on the page. */
export function intents$(page: PageElements, unfinished: () => readonly UploadCheckpoint[]): Observable<Intent> {
  return merge(
    merge(chosen$(page), dropped$(page)).pipe(map((file): Intent => ({ type: 'choose', file }))),
    clicks$(page, 'cancel').pipe(map((): Intent => ({ type: 'cancel' }))),
    clicks$(page, 'resume').pipe(map((): Intent => ({ type: 'resume' }))),
    clicks$(page, 'abort').pipe(map((): Intent => ({ type: 'abort' }))),
    clicks$(page, 'unfinished-list').pipe(mergeMap((click) => discarded$(click, unfinished()))),
  );
}

function chosen$(page: PageElements): Observable<File> {
  const input = page.get('file-input', HTMLInputElement);
  return fromEvent(input, 'change').pipe(
    mergeMap(() => {
      const files = [...(input.files ?? [])];
      // Else choosing the same file again would be no change.
      input.value = '';
      return files.slice(0, 1);
    }),
  );
}

/** A drop anywhere on the page counts: a browser would open a file that misses the mark, and leave the page. */
function dropped$(page: PageElements): Observable<File> {
  const zone = page.get('drop-zone', HTMLElement);
  const input = page.get('file-input', HTMLInputElement);
  const over$ = merge(fromEvent<DragEvent>(document, 'dragover'), fromEvent<DragEvent>(document, 'drop')).pipe(
    tap((event) => {
      event.preventDefault();
      if (event.dataTransfer && input.disabled) event.dataTransfer.dropEffect = 'none';
    }),
  );
  const left$ = fromEvent<DragEvent>(document, 'dragleave').pipe(filter(({ relatedTarget }) => relatedTarget === null));
  return merge(over$, left$).pipe(
    tap(({ type }) => zone.classList.toggle('hovered', type === 'dragover' && !input.disabled)),
    filter(({ type }) => type === 'drop' && !input.disabled),
    mergeMap((event) => [...(event.dataTransfer?.files ?? [])].slice(0, 1)),
  );
}

function clicks$(page: PageElements, id: string): Observable<Event> {
  return fromEvent(page.get(id, HTMLElement), 'click');
}

function discarded$({ target }: Event, unfinished: readonly UploadCheckpoint[]): Observable<Intent> {
  const uploadId = target instanceof HTMLButtonElement ? target.dataset.uploadId : undefined;
  const checkpoint = unfinished.find((item) => item.uploadId === uploadId);
  return checkpoint === undefined ? EMPTY : of<Intent>({ type: 'discard', checkpoint });
}

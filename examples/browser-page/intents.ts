import { BehaviorSubject, filter, fromEvent, map, merge, mergeMap, of, switchMap, take, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { chosenFiles$, droppedFiles$, type SelectedFiles, type UploadQueue } from 'rx-obs-upload';
import { adderTo } from './add-files.js';
import { buttons$, clicks$ } from './clicks.js';
import type { PageElements } from './page-elements.js';

/** Carries out what a person does on the page. @returns what is wrong with selected files */
export function handleClicks(page: PageElements, queue: UploadQueue, keyPrefix: string): Observable<string | null> {
  const problem$ = new BehaviorSubject<string | null>(null);
  const partSize = page.get('part-size', HTMLSelectElement);
  const { add, remove } = adderTo(queue, keyPrefix);
  merge(
    chosenFiles$(page.get('file-input', HTMLInputElement), clicks$(page, 'choose-files')),
    chosenFiles$(page.get('folder-input', HTMLInputElement), clicks$(page, 'choose-folder')),
    dropped$(page),
  ).subscribe((selected) => problem$.next(add(selected, Number(partSize.value))));

  buttons$(page, 'files').subscribe(({ dataset: { action, id = '' } }) => {
    if (action === 'pause' || action === 'resume' || action === 'retry' || action === 'abort') queue[action](id);
    if (action === 'remove') remove([id]);
  });
  clicks$(page, 'pause-all').subscribe(() => queue.pause());
  clicks$(page, 'resume-all').subscribe(() => {
    queue.resume();
    queue.retry();
  });
  clicks$(page, 'clear').subscribe(() =>
    remove(queue.state.rows.flatMap(({ id, status }) => (status === 'completed' ? [id] : []))),
  );
  pendingIntents$(page, queue).subscribe((carryOut) => {
    problem$.next(null);
    queue.dismiss();
    carryOut();
  });
  // Other tabs may have started or finished something.
  fromEvent(window, 'focus').subscribe(() => queue.refresh());
  return problem$;
}

/** A drop anywhere on the page counts: a browser would open a file that misses the zone, and leave the page. */
function dropped$(page: PageElements): Observable<SelectedFiles> {
  const zone = page.get('drop-zone', HTMLElement);
  const over$ = merge(fromEvent<DragEvent>(document, 'dragover'), fromEvent<DragEvent>(document, 'drop')).pipe(
    tap((event) => event.preventDefault()),
  );
  const left$ = fromEvent<DragEvent>(document, 'dragleave').pipe(filter(({ relatedTarget }) => relatedTarget === null));
  return merge(over$, left$).pipe(
    tap(({ type }) => zone.classList.toggle('hovered', type === 'dragover')),
    mergeMap(({ type, dataTransfer }) => (type === 'drop' && dataTransfer !== null ? droppedFiles$(dataTransfer) : [])),
  );
}

/** What is to be done with unfinished uploads, once the file is chosen that is not at hand. */
function pendingIntents$(page: PageElements, queue: UploadQueue): Observable<() => void> {
  const input = page.get('again-input', HTMLInputElement);
  return buttons$(page, 'unfinished-list').pipe(
    switchMap(({ dataset: { action, id = '' } }) => {
      if (action === 'discard') return of(() => queue.discard(id));
      if (queue.state.pending.some((upload) => upload.id === id && upload.hasFile)) return of(() => queue.pick(id));
      return chosenFiles$(input, of('now')).pipe(
        mergeMap(({ files }) => files),
        take(1),
        map(
          ({ handle, file }) =>
            () =>
              queue.pick(id, handle ?? file),
        ),
      );
    }),
  );
}

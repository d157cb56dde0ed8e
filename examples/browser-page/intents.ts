import {
  BehaviorSubject,
  bufferTime,
  catchError,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  from,
  fromEvent,
  map,
  merge,
  mergeMap,
  switchMap,
  take,
  tap,
  type Observable,
} from 'rxjs';
import type { UploadQueue } from 'rx-obs-upload';
import { adderTo } from './add-files.js';
import { filePicker, folderPicker, type AnyHandle } from './file-system-access.js';
import { behindHandle$, chosenIn, dropped$, type Given } from './given-files.js';
import type { PageElements } from './page-elements.js';

/** Carries out what a person does on the page. @returns what is wrong with given files */
export function handleClicks(page: PageElements, queue: UploadQueue, keyPrefix: string): Observable<string | null> {
  const problem$ = new BehaviorSubject<string | null>(null);
  const partSize = page.get('part-size', HTMLSelectElement);
  const { add, remove } = adderTo(queue, keyPrefix);
  merge(
    picked$(page, 'choose-files', 'file-input', filePicker(true)),
    picked$(page, 'choose-folder', 'folder-input', folderPicker()),
    dropping$(page),
  )
    .pipe(
      mergeMap((each$) => each$.pipe(bufferTime(16))),
      filter((files) => files.length > 0),
    )
    .subscribe((files) => problem$.next(add(files, Number(partSize.value))));

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
  pendingClicks$(page, queue).subscribe(({ id, given }) => {
    problem$.next(null);
    queue.dismiss();
    if (given === 'discard') queue.discard(id);
    else queue.pick(id, given?.handle ?? given?.file ?? undefined);
  });
  // Other tabs may have started or finished something.
  fromEvent(window, 'focus').subscribe(() => queue.refresh());
  return problem$;
}

/** With a picker that has handles where the browser has one, else with an input. */
function picked$(
  page: PageElements,
  buttonId: string,
  inputId: string,
  picker: (() => Promise<readonly AnyHandle[]>) | null,
): Observable<Observable<Given>> {
  const input = page.get(inputId, HTMLInputElement);
  const handles$ = clicks$(page, buttonId).pipe(exhaustMap(() => (picker === null ? byInput(input) : by$(picker))));
  return merge(handles$, fromEvent(input, 'change').pipe(map(() => from(chosenIn(input)))));
}

function byInput(input: HTMLInputElement): Observable<never> {
  input.click();
  return EMPTY;
}

function by$(picker: () => Promise<readonly AnyHandle[]>): Observable<Observable<Given>> {
  return defer(picker).pipe(
    map((handles) => from(handles).pipe(mergeMap((handle) => behindHandle$(handle), 1))),
    // To choose nothing is no error.
    catchError(() => EMPTY),
  );
}

/** A drop anywhere on the page counts: a browser would open a file that misses the zone, and leave the page. */
function dropping$(page: PageElements): Observable<Observable<Given>> {
  const zone = page.get('drop-zone', HTMLElement);
  const over$ = merge(fromEvent<DragEvent>(document, 'dragover'), fromEvent<DragEvent>(document, 'drop')).pipe(
    tap((event) => event.preventDefault()),
  );
  const left$ = fromEvent<DragEvent>(document, 'dragleave').pipe(filter(({ relatedTarget }) => relatedTarget === null));
  return merge(over$, left$).pipe(
    tap(({ type }) => zone.classList.toggle('hovered', type === 'dragover')),
    mergeMap(({ type, dataTransfer }) => (type === 'drop' && dataTransfer !== null ? [dropped$(dataTransfer)] : [])),
  );
}

interface PendingClick {
  readonly id: string;
  /** The file that was chosen; null if it is stored. */
  readonly given: Given | 'discard' | null;
}

function pendingClicks$(page: PageElements, queue: UploadQueue): Observable<PendingClick> {
  const input = page.get('again-input', HTMLInputElement);
  const picker = filePicker(false);
  const chosen$: Observable<Given> = defer(() => {
    if (picker !== null) return by$(picker).pipe(mergeMap((each$) => each$));
    input.click();
    return fromEvent(input, 'change').pipe(mergeMap(() => chosenIn(input)));
  });
  return buttons$(page, 'unfinished-list').pipe(
    switchMap(({ dataset: { action, id = '' } }): PendingClick[] | Observable<PendingClick> => {
      if (action === 'discard') return [{ id, given: 'discard' }];
      if (queue.state.pending.some((upload) => upload.id === id && upload.hasFile)) return [{ id, given: null }];
      return chosen$.pipe(
        filter(({ file }) => file !== null),
        take(1),
        map((given) => ({ id, given })),
      );
    }),
  );
}

function clicks$(page: PageElements, id: string): Observable<Event> {
  return fromEvent(page.get(id, HTMLElement), 'click');
}

/** The buttons that are clicked within an element, except those that do nothing now. */
function buttons$(page: PageElements, id: string): Observable<HTMLElement> {
  return clicks$(page, id).pipe(
    mergeMap(({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      return button === null || button.getAttribute('aria-disabled') === 'true' ? EMPTY : [button];
    }),
  );
}

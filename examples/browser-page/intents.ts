import {
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
  of,
  switchMap,
  take,
  tap,
  type Observable,
} from 'rxjs';
import { filePicker, folderPicker, type AnyHandle } from './file-system-access.js';
import { behindHandle$, chosenIn, dropped$, type Given } from './given-files.js';
import { inSlices } from './in-slices.js';
import type { PageElements } from './page-elements.js';
import { isRunning, stoppedFiles, type PageState } from './page-state.js';
import type { Intent } from './perform.js';

/** What a person asks for on the page, and what the page asks for itself. */
export function intents$(page: PageElements, state: () => PageState): Observable<Intent> {
  return merge(
    of<Intent>({ type: 'open' }),
    // Other tabs may have begun or ended something meanwhile.
    fromEvent(window, 'focus').pipe(map((): Intent => ({ type: 'look' }))),
    given$(page).pipe(map((files): Intent => ({ type: 'add', files }))),
    ofRows$(page),
    ofAll$(page, state),
    ofUnfinished$(page, state),
  );
}

function given$(page: PageElements): Observable<readonly Given[]> {
  return merge(
    picked$(page, 'choose-files', 'file-input', filePicker(true)),
    picked$(page, 'choose-folder', 'folder-input', folderPicker()),
    dropping$(page),
  ).pipe(mergeMap((each$) => each$.pipe(inSlices())));
}

/** By a picker that gives handles where the browser has one, else by an input. */
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
    // Who chooses nothing has not failed.
    catchError(() => EMPTY),
  );
}

/** A drop anywhere on the page counts: a browser would open a file that misses the mark, and leave the page. */
function dropping$(page: PageElements): Observable<Observable<Given>> {
  const zone = page.get('drop-zone', HTMLElement);
  const over$ = merge(fromEvent<DragEvent>(document, 'dragover'), fromEvent<DragEvent>(document, 'drop')).pipe(
    tap((event) => event.preventDefault()),
  );
  const left$ = fromEvent<DragEvent>(document, 'dragleave').pipe(filter(({ relatedTarget }) => relatedTarget === null));
  return merge(over$, left$).pipe(
    tap(({ type }) => zone.classList.toggle('hovered', type === 'dragover')),
    mergeMap(({ type, dataTransfer }) =>
      type === 'drop' && dataTransfer !== null ? of(dropped$(dataTransfer)) : EMPTY,
    ),
  );
}

function ofRows$(page: PageElements): Observable<Intent> {
  return buttons$(page, 'files').pipe(
    mergeMap(({ dataset: { action, id } }) => {
      const isOne = action === 'pause' || action === 'resume' || action === 'abort' || action === 'remove';
      return isOne && id !== undefined ? of<Intent>({ type: action, ids: [id] }) : EMPTY;
    }),
  );
}

function ofAll$(page: PageElements, state: () => PageState): Observable<Intent> {
  const idsOf = (matches: (file: PageState['queue']['files'][number]) => boolean): readonly string[] =>
    state()
      .queue.files.filter(matches)
      .map(({ id }) => id);
  return merge(
    clicks$(page, 'pause-all').pipe(
      map((): Intent => ({ type: 'pause', ids: idsOf(({ upload }) => isRunning(upload)) })),
    ),
    clicks$(page, 'resume-all').pipe(map((): Intent => ({ type: 'resume', ids: stoppedFiles(state()) }))),
    clicks$(page, 'clear').pipe(
      map((): Intent => ({ type: 'remove', ids: idsOf(({ upload }) => upload.status === 'completed') })),
    ),
  );
}

function ofUnfinished$(page: PageElements, state: () => PageState): Observable<Intent> {
  const input = page.get('again-input', HTMLInputElement);
  const picker = filePicker(false);
  const chosen$ = defer(() => {
    if (picker !== null) return by$(picker).pipe(mergeMap((each$) => each$));
    input.click();
    return fromEvent(input, 'change').pipe(mergeMap(() => chosenIn(input)));
  });
  return buttons$(page, 'unfinished-list').pipe(
    switchMap(({ dataset: { action, id } }) => {
      const upload = state().unfinished.find((each) => each.id === id);
      if (upload === undefined) return EMPTY;
      if (action === 'discard') return of<Intent>({ type: 'discard', upload });
      if (upload.hasFile) return of<Intent>({ type: 'go-on', upload, given: null });
      return chosen$.pipe(
        filter((given) => given.file !== null),
        take(1),
        map((given): Intent => ({ type: 'go-on', upload, given })),
      );
    }),
  );
}

function clicks$(page: PageElements, id: string): Observable<Event> {
  return fromEvent(page.get(id, HTMLElement), 'click');
}

/** The buttons that are clicked within an element, but for those that can do nothing now. */
function buttons$(page: PageElements, id: string): Observable<HTMLElement> {
  return clicks$(page, id).pipe(
    mergeMap(({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      return button === null || button.getAttribute('aria-disabled') === 'true' ? EMPTY : of(button);
    }),
  );
}

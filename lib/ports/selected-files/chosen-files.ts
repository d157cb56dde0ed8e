import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  exhaustMap,
  from,
  fromEvent,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { toObservable, type NativeObservable } from '../from-port.js';
import { inBatches, readHandle$, type AnyHandle, type SelectedFiles } from './selected-files.js';

/**
 * The files that a user chooses with an `<input type="file">`, at each of its changes; it is emptied then, so that the
 * same file can be chosen again.
 *
 * Each value of `openOn$`, such as a click on a button of your own, lets the user choose: in a picker that has handles
 * where the browser has one (Chromium, over HTTPS), which an upload queue remembers, else as if the input were clicked.
 * `multiple`, `webkitdirectory` and `accept` of the input apply to both. Choosing nothing emits nothing. Never completes,
 * and fails only if `openOn$` does.
 *
 * @param openOn$ - a user's clicks or key presses: browsers open no picker at other times. Default: never
 *
 * @example
 * ```ts
 * chosenFiles$(input, fromEvent(button, 'click')).subscribe(({ files }) =>
 *   queue.add(files.map(({ file, path, handle }) => ({ key: path, sourceFile: file, handle }))),
 * );
 * ```
 * @see droppedFiles$
 * @see https://developer.mozilla.org/docs/Web/API/Window/showOpenFilePicker
 */
export function chosenFiles$(
  input: HTMLInputElement,
  openOn$: ObservableInput<unknown> | NativeObservable<unknown> = NEVER,
): Observable<SelectedFiles> {
  const changed$ = fromEvent(input, 'change').pipe(
    map(() => filesIn(input)),
    mergeMap((selected) => (selected.files.length === 0 ? EMPTY : [selected])),
  );
  return merge(changed$, toObservable(openOn$).pipe(exhaustMap(() => open$(input))));
}

function filesIn(input: HTMLInputElement): SelectedFiles {
  const files = Array.from(input.files ?? [], (file) => ({
    file,
    path: file.webkitRelativePath || file.name,
    handle: null,
  }));
  input.value = '';
  return { files, unreadable: [] };
}

/** Not in TypeScript's library of the DOM. */
interface Pickers {
  readonly showOpenFilePicker?: (options: PickerOptions) => Promise<readonly AnyHandle[]>;
  readonly showDirectoryPicker?: () => Promise<AnyHandle>;
}

interface PickerOptions {
  readonly multiple: boolean;
  readonly types?: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[];
}

function open$(input: HTMLInputElement): Observable<SelectedFiles> {
  const pick = pickerOf(input);
  const click$ = defer(() => {
    input.click();
    return EMPTY;
  });
  if (pick === null) return click$;
  return defer(pick).pipe(
    mergeMap((handles) => inBatches(from(handles).pipe(concatMap((handle) => readHandle$(handle))))),
    // `AbortError`: the user has chosen nothing. Others: it may not be opened here, as in a frame of another site.
    catchError((error: unknown) => ((error as Partial<Error> | null)?.name === 'AbortError' ? EMPTY : click$)),
  );
}

function pickerOf(input: HTMLInputElement): (() => Promise<readonly AnyHandle[]>) | null {
  const { showOpenFilePicker, showDirectoryPicker } = globalThis as Pickers;
  if (input.webkitdirectory) {
    return showDirectoryPicker === undefined ? null : async () => [await showDirectoryPicker.call(globalThis)];
  }
  return showOpenFilePicker === undefined ? null : () => showOpenFilePicker.call(globalThis, pickerOptions(input));
}

/** Types and extensions of `accept`. A picker wants a type for the latter, and looks at the extension alone. */
function pickerOptions({ multiple, accept: accepted }: HTMLInputElement): PickerOptions {
  const tokens = accepted.split(',').flatMap((token) => token.trim() || []);
  if (tokens.length === 0) return { multiple };
  const extensions = tokens.filter((token) => token.startsWith('.'));
  const accept: Record<string, readonly string[]> = extensions.length > 0 ? { [ANY_TYPE]: extensions } : {};
  for (const token of tokens) if (!token.startsWith('.')) accept[token] = [];
  return { multiple, types: [{ accept }] };
}

const ANY_TYPE = 'application/octet-stream';

import { Subject } from 'rxjs';
import { chosenFiles$, type SelectedFiles } from 'rx-obs-upload';
import { fileHandle, folderHandle } from '../../../support/selected-files.js';

class FakeInput extends EventTarget {
  files: readonly File[] | null = null;
  value = '';
  multiple = false;
  webkitdirectory = false;
  accept = '';
  clicks = 0;

  click(): void {
    this.clicks += 1;
  }

  choose(...files: readonly File[]): void {
    this.files = files;
    this.value = 'C:\\fakepath\\a.txt';
    this.dispatchEvent(new Event('change'));
  }
}

/** All promises are settled by the next task. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('chosenFiles$', () => {
  let input: FakeInput;
  let open$: Subject<void>;
  let emitted: SelectedFiles[];

  beforeEach(() => {
    input = new FakeInput();
    open$ = new Subject();
    emitted = [];
  });

  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'showOpenFilePicker');
    Reflect.deleteProperty(globalThis, 'showDirectoryPicker');
  });

  function listen(): void {
    chosenFiles$(input as unknown as HTMLInputElement, open$).subscribe((selected) => emitted.push(selected));
  }

  function paths(): readonly (readonly string[])[] {
    return emitted.map(({ files }) => files.map(({ path }) => path));
  }

  it('emits the files of each change, and clears the input', () => {
    listen();
    const inner = Object.assign(new File(['x'], 'sea.jpg'), { webkitRelativePath: 'holiday/sea.jpg' });
    input.choose(new File(['x'], 'a.txt'), inner);
    input.choose(new File(['x'], 'a.txt'));
    input.choose();
    expect(paths()).toEqual([['a.txt', 'holiday/sea.jpg'], ['a.txt']]);
    expect(emitted[0]?.files[0]?.handle).toBeNull();
    expect(input.value).toBe('');
  });

  it('clicks the input if the browser has no picker', async () => {
    listen();
    open$.next();
    await settled();
    expect(input.clicks).toBe(1);
    input.choose(new File(['x'], 'a.txt'));
    expect(paths()).toEqual([['a.txt']]);
  });

  it('opens a file picker with the types that the input accepts', async () => {
    const handles = [fileHandle('a.mp4'), fileHandle('b.mov')];
    const pickerOptions: unknown[] = [];
    const showOpenFilePicker = (options: unknown): Promise<unknown> => {
      pickerOptions.push(options);
      return Promise.resolve(handles);
    };
    Object.assign(globalThis, { showOpenFilePicker });
    Object.assign(input, { multiple: true, accept: 'video/*, .mkv,.MTS' });
    listen();
    open$.next();
    // One picker at a time.
    open$.next();
    await settled();
    expect(pickerOptions).toEqual([
      { multiple: true, types: [{ accept: { 'video/*': [], 'application/octet-stream': ['.mkv', '.MTS'] } }] },
    ]);
    expect(paths()).toEqual([['a.mp4', 'b.mov']]);
    expect(emitted[0]?.files.map(({ handle }) => handle)).toEqual(handles);
    expect(input.clicks).toBe(0);
    input.accept = '';
    open$.next();
    await settled();
    expect(pickerOptions[1]).toEqual({ multiple: true });
  });

  it('opens a folder picker for a folder input', async () => {
    const folder = folderHandle('holiday', fileHandle('sea.jpg'));
    Object.assign(globalThis, { showDirectoryPicker: () => Promise.resolve(folder) });
    input.webkitdirectory = true;
    listen();
    open$.next();
    await settled();
    expect(paths()).toEqual([['holiday/sea.jpg']]);
  });

  it('emits nothing if the user cancels, and can be opened again', async () => {
    let opened = 0;
    const showOpenFilePicker = (): Promise<unknown> =>
      opened++ === 0
        ? Promise.reject(new DOMException('The user aborted a request.', 'AbortError'))
        : Promise.resolve([fileHandle('a.txt')]);
    Object.assign(globalThis, { showOpenFilePicker });
    listen();
    open$.next();
    await settled();
    expect([emitted.length, input.clicks]).toEqual([0, 0]);
    open$.next();
    await settled();
    expect(paths()).toEqual([['a.txt']]);
  });

  it('clicks the input if a picker is not allowed, as in a cross-origin frame', async () => {
    const refused = new DOMException("Cross origin sub frames aren't allowed to show a file picker.", 'SecurityError');
    Object.assign(globalThis, { showOpenFilePicker: () => Promise.reject(refused) });
    listen();
    open$.next();
    await settled();
    expect(input.clicks).toBe(1);
  });
});

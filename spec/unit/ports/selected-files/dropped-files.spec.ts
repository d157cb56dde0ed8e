import { lastValueFrom, toArray } from 'rxjs';
import { droppedFiles$, type SelectedFiles } from 'rx-obs-upload';
import { fileEntry, fileHandle, folderEntry, folderHandle, deletedHandle } from '../../../support/selected-files.js';

interface Dropped {
  readonly kind?: 'file' | 'string';
  readonly entry?: FileSystemEntry;
  readonly file?: File;
  readonly handle?: () => Promise<unknown>;
}

/** As in a browser, the items can be read only during the event. */
function dropOf(...dropped: readonly Dropped[]): { transfer: Pick<DataTransfer, 'items'>; end: () => void } {
  let isOver = false;
  const read = <T>(value: T): T | null => (isOver ? null : value);
  const items = dropped.map(({ kind = 'file', entry, file, handle }) => ({
    kind,
    getAsFile: () => read(file ?? null),
    ...(entry === undefined ? {} : { webkitGetAsEntry: () => read(entry) }),
    ...(handle === undefined ? {} : { getAsFileSystemHandle: () => read(handle()) ?? Promise.resolve(null) }),
  }));
  return { transfer: { items: items as unknown as DataTransferItemList }, end: () => (isOver = true) };
}

async function selected(...dropped: readonly Dropped[]): Promise<SelectedFiles> {
  const { transfer, end } = dropOf(...dropped);
  const all = lastValueFrom(droppedFiles$(transfer).pipe(toArray()));
  end();
  const batches = await all;
  return { files: batches.flatMap(({ files }) => files), unreadable: batches.flatMap((batch) => batch.unreadable) };
}

function pathsOf({ files }: SelectedFiles): readonly string[] {
  return files.map(({ path }) => path);
}

describe('droppedFiles$', () => {
  it('emits files and all files in folders, with their paths and handles', async () => {
    const sea = fileHandle('sea.jpg');
    const folder = folderHandle('holiday', fileHandle('plan.txt'), folderHandle('day 1', sea), folderHandle('empty'));
    const drop = await selected(
      { handle: () => Promise.resolve(folder) },
      { handle: () => Promise.resolve(fileHandle('loose.txt')) },
    );
    expect(pathsOf(drop)).toEqual(['holiday/plan.txt', 'holiday/day 1/sea.jpg', 'loose.txt']);
    expect(drop.files[1]?.file.name).toBe('sea.jpg');
    expect(drop.files[1]?.handle).toBe(sea);
    expect(drop.unreadable).toEqual([]);
  });

  it('reads folders of any size if the browser has no handles', async () => {
    const many = [1, 2, 3, 4, 5].map((number) => fileEntry(`/holiday/${number}.jpg`));
    const drop = await selected({ entry: folderEntry('/holiday', folderEntry('/holiday/empty'), ...many) });
    expect(pathsOf(drop)).toEqual([1, 2, 3, 4, 5].map((number) => `holiday/${number}.jpg`));
    expect(drop.files.every(({ handle }) => handle === null)).toBe(true);
  });

  it('reads the file if the browser has neither handles nor entries', async () => {
    expect(pathsOf(await selected({ file: new File(['x'], 'a.txt') }))).toEqual(['a.txt']);
  });

  it('reads the entry if a handle is refused', async () => {
    const handle = (): Promise<never> => Promise.reject(new DOMException('No.', 'NotAllowedError'));
    expect(pathsOf(await selected({ handle, entry: fileEntry('/a.txt') }))).toEqual(['a.txt']);
  });

  it('reads the file if a script added it to the drop, as Chromium has no handle for it', async () => {
    const handle = (): Promise<undefined> => Promise.resolve(undefined);
    expect(pathsOf(await selected({ handle, file: new File(['x'], 'a.txt') }))).toEqual(['a.txt']);
  });

  it('reports what cannot be read, and emits the rest', async () => {
    const folder = folderHandle('holiday', deletedHandle('lost.jpg'), fileHandle('sea.jpg'));
    const byHandle = await selected({ handle: () => Promise.resolve(folder) });
    const entry = folderEntry('/holiday', fileEntry('/holiday/lost.jpg', true), fileEntry('/holiday/sea.jpg'));
    for (const drop of [byHandle, await selected({ entry })]) {
      expect(pathsOf(drop)).toEqual(['holiday/sea.jpg']);
      expect(drop.unreadable).toEqual([{ path: 'holiday/lost.jpg', error: expect.any(DOMException) as unknown }]);
    }
  });

  it('reports a folder that cannot be listed', async () => {
    const values = (): never => {
      throw new DOMException('No.', 'NotAllowedError');
    };
    const folder = Object.assign(folderHandle('locked'), { values });
    const { files, unreadable } = await selected({ handle: () => Promise.resolve(folder) });
    expect(files).toEqual([]);
    expect(unreadable.map(({ path }) => path)).toEqual(['locked']);
  });

  it('emits nothing if no file was dropped', async () => {
    const { transfer } = dropOf({ kind: 'string', file: new File(['x'], 'never.txt') });
    expect(await lastValueFrom(droppedFiles$(transfer).pipe(toArray()))).toEqual([]);
  });

  it('stops reading when it is unsubscribed', async () => {
    let reads = 0;
    const counted = (name: string): ReturnType<typeof fileHandle> => {
      const getFile = (): Promise<File> => {
        reads += 1;
        subscription.unsubscribe();
        return Promise.resolve(new File(['x'], name));
      };
      return Object.assign(fileHandle(name), { getFile });
    };
    const folder = folderHandle('holiday', counted('1.jpg'), counted('2.jpg'));
    const { transfer } = dropOf({ handle: () => Promise.resolve(folder) });
    const subscription = droppedFiles$(transfer).subscribe();
    await new Promise((resolve) => setTimeout(resolve));
    expect(reads).toBe(1);
  });
});

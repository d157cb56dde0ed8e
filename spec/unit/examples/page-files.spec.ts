import { lastValueFrom, toArray } from 'rxjs';
import type { AnyHandle } from '../../../examples/browser-page/file-system-access.js';
import { behindHandle$ } from '../../../examples/browser-page/given-files.js';
import type { QueuePending } from 'rx-obs-upload';
import { keyOf } from '../../../examples/browser-page/add-files.js';

function fileHandle(name: string, file: () => Promise<File> = () => Promise.resolve(new File(['x'], name))): AnyHandle {
  return { kind: 'file', name, getFile: file } as AnyHandle;
}

function folderHandle(name: string, ...inner: readonly AnyHandle[]): AnyHandle {
  return {
    kind: 'directory',
    name,
    values: async function* () {
      yield* await Promise.resolve(inner);
    },
  } as unknown as AnyHandle;
}

describe('behindHandle$', () => {
  it('gives all files of a folder at their paths, and names what cannot be read', async () => {
    const gone = (): Promise<File> => Promise.reject(new DOMException('gone', 'NotFoundError'));
    const folder = folderHandle(
      'holiday',
      fileHandle('plan.txt'),
      folderHandle('day 1', fileHandle('lost.jpg', gone), fileHandle('sea.jpg')),
      folderHandle('empty'),
    );
    const given = await lastValueFrom(behindHandle$(folder).pipe(toArray()));
    expect(given.map(({ path, file }) => [path, file?.name ?? null])).toEqual([
      ['holiday/plan.txt', 'plan.txt'],
      ['holiday/day 1/lost.jpg', null],
      ['holiday/day 1/sea.jpg', 'sea.jpg'],
    ]);
  });
});

describe('keyOf', () => {
  const file = (name: string, content = 'x'): File => new File([content], name, { lastModified: 1 });
  const among = (...there: readonly (readonly [key: string, file: File])[]): ReadonlyMap<string, File> =>
    new Map(there);
  const left = (key: string): Pick<QueuePending, 'checkpoint'> =>
    ({ checkpoint: { key, file: { name: 'a.txt', size: 1, lastModified: 1 } } }) as QueuePending;

  it('is the path', () => {
    expect(keyOf('users/demo/holiday/a.txt', file('a.txt'), among(), [])).toBe('users/demo/holiday/a.txt');
  });

  it('recognizes the same file, and gives another one of its name a name of its own', () => {
    const taken = among(['d.x/a', file('a')], ['b.tar.gz', file('b.tar.gz')]);
    expect(keyOf('d.x/a', file('a'), taken, [])).toBe('d.x/a');
    expect(keyOf('d.x/a', file('a', 'other'), taken, [])).toBe('d.x/a (2)');
    expect(keyOf('b.tar.gz', file('b.tar.gz', 'other'), taken, [])).toBe('b.tar (2).gz');
  });

  it('is that of the unfinished upload of the file', () => {
    expect(keyOf('a.txt', file('a.txt'), among(), [left('holiday/a.txt')])).toBe('holiday/a.txt');
    expect(keyOf('a.txt', file('a.txt'), among(), [left('holiday/a.txt'), left('a.txt')])).toBe('a.txt');
    expect(keyOf('a.txt', file('a.txt', 'other'), among(), [left('holiday/a.txt')])).toBe('a.txt');
  });
});

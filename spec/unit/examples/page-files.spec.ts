import { lastValueFrom, toArray } from 'rxjs';
import type { AnyHandle } from '../../../examples/browser-page/file-system-access.js';
import { behindHandle$, type GivenFile } from '../../../examples/browser-page/given-files.js';
import { targetOf } from '../../../examples/browser-page/target.js';
import type { UnfinishedUpload } from '../../../examples/browser-page/unfinished.js';

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

describe('targetOf', () => {
  const given = (path: string, content = 'x'): GivenFile => {
    const file = new File([content], path.slice(path.lastIndexOf('/') + 1), { lastModified: 1 });
    return { file, path, handle: null };
  };
  const among =
    (...there: readonly (readonly [id: string, file: GivenFile])[]) =>
    (id: string): GivenFile | undefined =>
      new Map(there).get(id);
  const left = (key: string): UnfinishedUpload =>
    ({ checkpoint: { key, file: { name: 'a.txt', size: 1, lastModified: 1 } } }) as UnfinishedUpload;

  it('is the path, after the prefix', () => {
    const target = targetOf('users/demo/', given('holiday/a.txt'), { find: among() }, []);
    expect(target).toEqual({ id: 'users/demo/holiday/a.txt', isThere: false });
  });

  it('knows the same file again, and gives another one of its name a name of its own', () => {
    const find = among(['d.x/a', given('d.x/a')], ['b.tar.gz', given('b.tar.gz')]);
    expect(targetOf('', given('d.x/a'), { find }, [])).toEqual({ id: 'd.x/a', isThere: true });
    expect(targetOf('', given('d.x/a', 'other'), { find }, []).id).toBe('d.x/a (2)');
    expect(targetOf('', given('b.tar.gz', 'other'), { find }, []).id).toBe('b.tar (2).gz');
  });

  it('is that of the unfinished upload of the file', () => {
    const find = among();
    expect(targetOf('', given('a.txt'), { find }, [left('holiday/a.txt')]).id).toBe('holiday/a.txt');
    expect(targetOf('', given('a.txt'), { find }, [left('holiday/a.txt'), left('a.txt')]).id).toBe('a.txt');
    expect(targetOf('', given('a.txt', 'other'), { find }, [left('holiday/a.txt')]).id).toBe('a.txt');
  });
});

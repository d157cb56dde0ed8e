import type { QueuePending } from 'rx-obs-upload';
import { keyOf } from '../../../examples/browser-page/add-files.js';

describe('keyOf', () => {
  const file = (name: string, content = 'x'): File => new File([content], name, { lastModified: 1 });
  const filesByKey = (...entries: readonly (readonly [key: string, file: File])[]): ReadonlyMap<string, File> =>
    new Map(entries);
  const pendingWith = (key: string): Pick<QueuePending, 'checkpoint'> =>
    ({ checkpoint: { key, file: { name: 'a.txt', size: 1, lastModified: 1 } } }) as QueuePending;

  it('is the path', () => {
    expect(keyOf('users/demo/holiday/a.txt', file('a.txt'), filesByKey(), [])).toBe('users/demo/holiday/a.txt');
  });

  it('recognizes the same file, and numbers a different file of the same name', () => {
    const taken = filesByKey(['d.x/a', file('a')], ['b.tar.gz', file('b.tar.gz')]);
    expect(keyOf('d.x/a', file('a'), taken, [])).toBe('d.x/a');
    expect(keyOf('d.x/a', file('a', 'other'), taken, [])).toBe('d.x/a (2)');
    expect(keyOf('b.tar.gz', file('b.tar.gz', 'other'), taken, [])).toBe('b.tar (2).gz');
  });

  it('is the key of an unfinished upload of the same file', () => {
    expect(keyOf('a.txt', file('a.txt'), filesByKey(), [pendingWith('holiday/a.txt')])).toBe('holiday/a.txt');
    expect(keyOf('a.txt', file('a.txt'), filesByKey(), [pendingWith('holiday/a.txt'), pendingWith('a.txt')])).toBe(
      'a.txt',
    );
    expect(keyOf('a.txt', file('a.txt', 'other'), filesByKey(), [pendingWith('holiday/a.txt')])).toBe('a.txt');
  });
});

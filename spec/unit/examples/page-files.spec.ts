import type { QueuePending } from 'rx-obs-upload';
import { keyOf } from '../../../examples/browser-page/add-files.js';

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

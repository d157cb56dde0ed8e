import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkJoin, from, lastValueFrom, type ObservableInput } from 'rxjs';
import { directoryCheckpointStore } from 'rx-obs-upload/node';
import { checkpointFor } from '../conformance/checkpoint-store-scenarios.js';

function done<T>(input: ObservableInput<T>): Promise<T | null> {
  return lastValueFrom(from(input), { defaultValue: null });
}

describe('directoryCheckpointStore', () => {
  let path = '';

  beforeEach(() => (path = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'))));
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  it('names files by nothing that an id says, and keeps them from others', async () => {
    const store = directoryCheckpointStore(join(path, 'made'));
    await done(store.save('../../etc/passwd', checkpointFor('a')));
    const [name, ...others] = readdirSync(join(path, 'made'));
    expect(others).toEqual([]);
    expect(name).toMatch(/^[0-9a-f]{64}\.checkpoint\.json$/);
    expect(statSync(join(path, 'made', String(name))).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, 'made')).mode & 0o777).toBe(0o700);
  });

  it('leaves files alone that are not its own', async () => {
    writeFileSync(join(path, 'notes.json'), '{}');
    writeFileSync(join(path, 'half.checkpoint.json'), '{"id":');
    const store = directoryCheckpointStore(path, { expiresAfterMs: 1 });
    expect(await done(store.list())).toEqual([]);
    expect(readdirSync(path).sort()).toEqual(['half.checkpoint.json', 'notes.json']);
  });

  it('keeps a whole file when many write the same one, and leaves no drafts', async () => {
    const stores = [directoryCheckpointStore(path), directoryCheckpointStore(path)];
    const counts = Array.from({ length: 10 }, (_, i) => Array.from({ length: i + 1 }, (__, part) => part + 1));
    await done(
      forkJoin(stores.flatMap((store) => counts.map((parts) => from(store.save('a', checkpointFor('a', parts)))))),
    );
    expect(readdirSync(path)).toHaveLength(1);
    expect(await done(directoryCheckpointStore(path).load('a'))).toMatchObject({ key: 'a' });
  });

  it('fails to save where it cannot write, and leaves no draft', async () => {
    writeFileSync(join(path, 'file'), '');
    await expect(
      done(directoryCheckpointStore(join(path, 'file')).save('a', checkpointFor('a'))),
    ).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readdirSync(path)).toEqual(['file']);
  });

  it('refuses an empty path', () => {
    expect(() => directoryCheckpointStore('')).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: 'path' }) as Error,
    );
  });
});

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkJoin, from, lastValueFrom, type ObservableInput } from 'rxjs';
import { directoryCheckpointStore } from 'rx-obs-upload/node';
import { checkpointFor } from '../../conformance/checkpoint-store-scenarios.js';

function run<T>(input: ObservableInput<T>): Promise<T | null> {
  return lastValueFrom(from(input), { defaultValue: null });
}

describe('directoryCheckpointStore', () => {
  let path = '';

  beforeEach(() => (path = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'))));
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  it('hashes ids to file names, and restricts access to the owner', async () => {
    const store = directoryCheckpointStore(join(path, 'made'));
    await run(store.save('../../etc/passwd', checkpointFor('a')));
    const [name, ...others] = readdirSync(join(path, 'made'));
    expect(others).toEqual([]);
    expect(name).toMatch(/^[0-9a-f]{64}\.checkpoint\.json$/);
    expect(statSync(join(path, 'made', String(name))).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, 'made')).mode & 0o777).toBe(0o700);
  });

  it('neither lists nor deletes files that are not its own', async () => {
    writeFileSync(join(path, 'notes.json'), '{}');
    writeFileSync(join(path, 'half.checkpoint.json'), '{"id":');
    const store = directoryCheckpointStore(path, { expiresAfterMs: 1 });
    expect(await run(store.list())).toEqual([]);
    expect(readdirSync(path).sort()).toEqual(['half.checkpoint.json', 'notes.json']);
  });

  it('stores a complete file with concurrent saves, and leaves no drafts', async () => {
    const stores = [directoryCheckpointStore(path), directoryCheckpointStore(path)];
    const counts = Array.from({ length: 10 }, (_, i) => Array.from({ length: i + 1 }, (__, part) => part + 1));
    await run(
      forkJoin(stores.flatMap((store) => counts.map((parts) => from(store.save('a', checkpointFor('a', parts)))))),
    );
    expect(readdirSync(path)).toHaveLength(1);
    expect(await run(directoryCheckpointStore(path).load('a'))).toMatchObject({ key: 'a' });
  });

  describe('does not follow a symbolic link', () => {
    it('in place of a record, but replaces it', async () => {
      const store = directoryCheckpointStore(path);
      await run(store.save('a', checkpointFor('a')));
      const [name = ''] = readdirSync(path);
      const outside = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'));
      const other = join(outside, 'other.json');
      writeFileSync(other, readFileSync(join(path, name)));
      rmSync(join(path, name));
      symlinkSync(other, join(path, name));
      const before = readFileSync(other, 'utf8');
      await expect(run(store.load('a'))).rejects.toMatchObject({ code: 'ELOOP' });
      expect(await run(store.list())).toEqual([]);
      await run(store.save('a', checkpointFor('a', [1, 2])));
      expect(readFileSync(other, 'utf8')).toBe(before);
      expect(lstatSync(join(path, name)).isFile()).toBe(true);
      expect(await run(store.load('a'))).toMatchObject({ key: 'a' });
      rmSync(outside, { recursive: true });
    });

    it('in place of a draft', async () => {
      const open = jest.spyOn(fs.promises, 'open');
      await run(directoryCheckpointStore(path).save('a', checkpointFor('a')));
      const [, flags, mode] = open.mock.calls.find(([name]) => String(name).endsWith('.tmp')) ?? [];
      expect([flags, mode]).toEqual(['wx', 0o600]);
      open.mockRestore();
    });
  });

  describe('removes a draft', () => {
    /** Leaves the draft of an unfinished save, as if by the process with that id. */
    async function leaveDraft(pid: number): Promise<string> {
      const rename = jest.spyOn(fs.promises, 'rename').mockImplementation(() => new Promise(() => undefined));
      from(directoryCheckpointStore(path).save('a', checkpointFor('a'))).subscribe();
      while (rename.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      rename.mockRestore();
      const [draft = ''] = readdirSync(path);
      const name = draft.replace(`-${process.pid}-`, `-${pid}-`);
      renameSync(join(path, draft), join(path, name));
      return name;
    }

    it.each(['save', 'list'] as const)('of a process that was killed, with the next %s', async (call) => {
      const { pid } = spawnSync(process.execPath, ['-e', '']);
      const draft = await leaveDraft(pid);
      const store = directoryCheckpointStore(path);
      await run<unknown>(call === 'save' ? store.save('b', checkpointFor('b')) : store.list());
      expect(readdirSync(path)).not.toContain(draft);
    });

    it('but not of a running process', async () => {
      const draft = await leaveDraft(process.pid);
      await run(directoryCheckpointStore(path).save('b', checkpointFor('b')));
      expect(readdirSync(path)).toContain(draft);
    });

    it('of another machine once it is old', async () => {
      const draft = (await leaveDraft(1)).replace(/json\.[0-9a-f]{8}-/, 'json.00000000-');
      const file = join(path, draft);
      writeFileSync(file, 'half');
      await run(directoryCheckpointStore(path).save('b', checkpointFor('b')));
      expect(readdirSync(path)).toContain(draft);
      utimesSync(file, new Date(), new Date(Date.now() - 3_600_000));
      await run(directoryCheckpointStore(path).save('b', checkpointFor('b')));
      expect(readdirSync(path)).not.toContain(draft);
    });

    it('but no other temporary file', async () => {
      for (const name of ['notes.tmp', 'a.checkpoint.json.tmp', 'a.json.00000000-1-x.tmp']) {
        writeFileSync(join(path, name), '');
      }
      await run(directoryCheckpointStore(path).list());
      expect(readdirSync(path)).toHaveLength(3);
    });
  });

  it('fails to save if it cannot write, and leaves no draft', async () => {
    writeFileSync(join(path, 'file'), '');
    await expect(run(directoryCheckpointStore(join(path, 'file')).save('a', checkpointFor('a')))).rejects.toMatchObject(
      { code: 'EEXIST' },
    );
    expect(readdirSync(path)).toEqual(['file']);
  });

  it('rejects an empty path', () => {
    expect(() => directoryCheckpointStore('')).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: 'path' }) as Error,
    );
  });
});

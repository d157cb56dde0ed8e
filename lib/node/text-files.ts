import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** null where there is no such file */
export async function readTextOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** All files of a directory whose names end so; those that cannot be read are left out. */
export async function readTexts(directory: string, suffix: string): Promise<readonly string[]> {
  const names = await namesIn(directory);
  const texts: string[] = [];
  // One after the other: a thousand open files would be too many for some systems.
  for (const name of names.filter((each) => each.endsWith(suffix))) {
    const text = await readTextOf(join(directory, name)).catch(() => null);
    if (text !== null) texts.push(text);
  }
  return texts;
}

/** Written beside and moved into place, so that nobody ever sees half a file; on the disk when it is done. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export function removeFile(path: string): Promise<void> {
  return rm(path, { force: true });
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

import { open, type FileHandle } from 'node:fs/promises';
import { SourceError } from '../model/errors/errors.js';

/** bytes; small enough for steady progress, large enough that the disk is not a bottleneck */
const CHUNK_BYTES = 64 * 1024;

/** The state of a file when it was opened as a source. */
export interface FileState {
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly mtimeMs: number;
}

/** The bytes from `start` up to `end`, read from disk on demand; fails if the file has changed. */
export function streamSlice(file: FileState, start: number, end: number): ReadableStream<Uint8Array> {
  let handle: FileHandle | null = null;
  let cancelled = false;
  let position = start;
  const close = async (): Promise<void> => {
    const opened = handle;
    handle = null;
    await opened?.close();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          handle ??= await openUnchanged(file);
          if (cancelled) return await close();
          const chunk = await readBytes(file, handle, position, Math.min(position + CHUNK_BYTES, end));
          position += chunk.length;
          if (position < end) return controller.enqueue(chunk);
          // The last bytes are sent only if the file has not changed: an edit must not end up in the object.
          await assertUnchanged(file, handle);
          await close();
          if (chunk.length > 0) controller.enqueue(chunk);
          controller.close();
        } catch (error) {
          await close();
          if (!cancelled) throw toSourceError(file.path, error);
        }
      },
      async cancel() {
        cancelled = true;
        await close();
      },
    },
    // No read-ahead: a waiting request costs neither memory nor an open file.
    { highWaterMark: 0 },
  );
}

/** The bytes from `start` up to `end` at once; fails if the file has changed. */
export async function readSlice(file: FileState, start: number, end: number): Promise<Uint8Array> {
  try {
    const handle = await openUnchanged(file);
    try {
      return await readBytes(file, handle, start, end);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toSourceError(file.path, error);
  }
}

/** Explains why a file cannot be read. */
export function toSourceError(path: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  return new SourceError('source-unreadable', `${path} ${reasonOf(error)}.`, { cause: error });
}

async function openUnchanged(file: FileState): Promise<FileHandle> {
  const handle = await open(file.path, 'r');
  try {
    await assertUnchanged(file, handle);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function assertUnchanged(file: FileState, handle: FileHandle): Promise<void> {
  const { size, mtimeMs } = await handle.stat();
  if (size !== file.size || mtimeMs !== file.mtimeMs) throw changed(file.path);
}

/** All requested bytes: a single read may return fewer, and a file that ends early has changed. */
async function readBytes(file: FileState, handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw changed(file.path);
    filled += bytesRead;
  }
  return bytes;
}

function changed(path: string): SourceError {
  return new SourceError('source-changed', `${path} was changed while it was being uploaded.`, { resumable: false });
}

function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read: permission denied';
    default:
      return typeof code === 'string' ? `cannot be read (${code})` : 'cannot be read';
  }
}

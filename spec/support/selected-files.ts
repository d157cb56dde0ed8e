import type { AnyHandle } from '../../lib/ports/selected-files/selected-files.js';

const notFound = (): DOMException => new DOMException('It was deleted.', 'NotFoundError');

export function fileHandle(name: string): AnyHandle {
  return { kind: 'file', name, getFile: () => Promise.resolve(new File(['x'], name)) } as AnyHandle;
}

export function deletedHandle(name: string): AnyHandle {
  return { kind: 'file', name, getFile: () => Promise.reject(notFound()) } as AnyHandle;
}

export function folderHandle(name: string, ...inner: readonly AnyHandle[]): AnyHandle {
  const values = async function* (): AsyncGenerator<AnyHandle> {
    yield* await Promise.resolve(inner);
  };
  return { kind: 'directory', name, values } as unknown as AnyHandle;
}

export function fileEntry(fullPath: string, isDeleted = false): FileSystemEntry {
  return {
    isFile: true,
    fullPath,
    file: (resolve: (file: File) => void, reject: (error: DOMException) => void) =>
      isDeleted ? reject(notFound()) : resolve(new File(['x'], fullPath.slice(fullPath.lastIndexOf('/') + 1))),
  } as FileSystemFileEntry;
}

/** Its reader returns two entries at a time. */
export function folderEntry(fullPath: string, ...inner: readonly FileSystemEntry[]): FileSystemEntry {
  const createReader = (): Pick<FileSystemDirectoryReader, 'readEntries'> => {
    let position = 0;
    return { readEntries: (resolve) => resolve(inner.slice(position, (position += 2))) };
  };
  return { isFile: false, fullPath, createReader } as FileSystemDirectoryEntry;
}

import type { FileHandle } from 'rx-obs-upload';

/** What Chromium has and TypeScript's library of the DOM lacks: https://wicg.github.io/file-system-access/ */
interface FileSystemAccess {
  readonly showOpenFilePicker?: (options: { readonly multiple: boolean }) => Promise<readonly FileSystemFileHandle[]>;
  readonly showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle>;
}

interface HandleItem {
  readonly getAsFileSystemHandle?: () => Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null>;
}

export type AnyHandle = (FileSystemFileHandle & FileHandle) | FileSystemDirectoryHandle;

/** Lets a person choose files whose handles can be stored; null where the browser has no such picker. */
export function filePicker(multiple: boolean): (() => Promise<readonly AnyHandle[]>) | null {
  const { showOpenFilePicker } = window as FileSystemAccess;
  return showOpenFilePicker === undefined ? null : () => showOpenFilePicker.call(window, { multiple });
}

export function folderPicker(): (() => Promise<readonly AnyHandle[]>) | null {
  const { showDirectoryPicker } = window as FileSystemAccess;
  return showDirectoryPicker === undefined ? null : async () => [await showDirectoryPicker.call(window)];
}

/** The handle of something that was dropped; to be asked for while the event lasts. */
export function handleOf(item: DataTransferItem): Promise<AnyHandle | null> {
  return (item as HandleItem).getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null);
}

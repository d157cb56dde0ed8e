import type { ObservableInput } from 'rxjs';
import type { UploadCheckpoint } from '../../model/checkpoint.js';

/**
 * Port: keeps checkpoints beyond the life of a page or process. Of `load` and `list` the first value counts and they
 * are unsubscribed from at once; of `save` and `remove` the end. What a store gives back is checked, never trusted.
 */
export interface CheckpointStore {
  /** @returns the checkpoint kept under the id; nothing where there is none, or none that has not expired */
  readonly load: (id: string) => ObservableInput<UploadCheckpoint>;
  /** Replaces what is kept under the id. */
  readonly save: (id: string, checkpoint: UploadCheckpoint) => ObservableInput<unknown>;
  readonly remove: (id: string) => ObservableInput<unknown>;
  /** @returns one array of all that has not expired */
  readonly list: () => ObservableInput<readonly StoredCheckpoint[]>;
  /** Present where the store can keep handles of files too, for `rememberFile$`. */
  readonly files?: FileHandleStore;
}

export interface StoredCheckpoint {
  /** Made of server, bucket, key and the file's identity; plain text of at most a few hundred characters. */
  readonly id: string;
  /** epoch milliseconds */
  readonly savedAt: number;
  readonly checkpoint: UploadCheckpoint;
}

/**
 * Handles of files beside the checkpoints. A handle goes when the checkpoint of its file is removed, and expires as
 * checkpoints do. The names are made by `rememberFile$`.
 */
export interface FileHandleStore {
  readonly keep: (fileKey: string, handle: FileHandle) => ObservableInput<unknown>;
  /** @returns the handle of that name; nothing where there is none. The first value counts. */
  readonly find: (fileKey: string) => ObservableInput<FileHandle>;
  /** @returns one array of all names that `find` finds. The first value counts. */
  readonly list: () => ObservableInput<readonly string[]>;
}

/** A `FileSystemFileHandle`; where a browser asks for permission, with the two calls for it. */
export interface FileHandle {
  readonly kind: 'file';
  readonly name: string;
  getFile(): Promise<File>;
  queryPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
}

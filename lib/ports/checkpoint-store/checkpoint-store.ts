import type { ObservableInput } from 'rxjs';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';

/**
 * Port: stores checkpoints, so that they outlive a page or process. The first value of `load` and `list` counts, and they
 * are unsubscribed from at once; `save` and `remove` are done when they complete. What a store returns is validated.
 */
export interface CheckpointStore {
  /** @returns the checkpoint stored under the id; empty if there is none or it has expired */
  readonly load: (id: string) => ObservableInput<UploadCheckpoint>;
  /** Replaces the checkpoint under the id. */
  readonly save: (id: string, checkpoint: UploadCheckpoint) => ObservableInput<unknown>;
  /** Nothing happens if there is none. */
  readonly remove: (id: string) => ObservableInput<unknown>;
  /** @returns one array of all checkpoints that have not expired */
  readonly list: () => ObservableInput<readonly StoredCheckpoint[]>;
  /** Present if the store can store file handles too, for `rememberFile$`. */
  readonly files?: FileHandleStore;
}

/** A checkpoint in a store. */
export interface StoredCheckpoint {
  /** Derived from server, bucket, key and the file's identity; plain text of at most a few hundred characters. */
  readonly id: string;
  /** epoch milliseconds */
  readonly savedAt: number;
  /** To resume with. */
  readonly checkpoint: UploadCheckpoint;
}

/**
 * File handles, stored next to the checkpoints. A handle is removed with the checkpoint of its file, and expires like a
 * checkpoint. `rememberFile$` generates the names.
 */
export interface FileHandleStore {
  /** Stores a handle for later pages. */
  readonly keep: (fileKey: string, handle: FileHandle) => ObservableInput<unknown>;
  /** @returns the handle of that name; empty if there is none. The first value counts. */
  readonly find: (fileKey: string) => ObservableInput<FileHandle>;
  /** @returns one array of the names of all handles. The first value counts. */
  readonly list: () => ObservableInput<readonly string[]>;
}

/** A `FileSystemFileHandle`; in browsers that ask for permission, with the two methods for that. */
export interface FileHandle {
  /** Directories are not taken. */
  readonly kind: 'file';
  /** The file's name. */
  readonly name: string;
  /** Reads the file as it is now. */
  getFile(): Promise<File>;
  /** Whether this page may read the file. */
  queryPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
  /** Asks the user; allowed only in a click. */
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
}

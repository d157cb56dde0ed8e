import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import type { FileHandle } from '../ports/checkpoint-store/checkpoint-store.js';
import type { UploadOptions } from '../upload-request.js';

/** What an upload queue is asked to do. Without `ids`, a command is for all rows that it has an effect on. */
export type QueueCommand =
  | QueueAdd
  | QueuePick
  | {
      /**
       * `pause`: requests are aborted at once, parts stay. `resume`: paused rows take their turn again. `retry`: failed
       * and aborted ones do; without ids, only failed ones. `abort`: like `pause`, and the parts are deleted on the
       * server, their checkpoint is removed from the store. `remove`: like `pause`, and the row is removed; an upload
       * that has a stored checkpoint is `pending` then. `moveToFront`: the rows are the next to take their turn, in the
       * order of their ids.
       */
      readonly type: 'pause' | 'resume' | 'retry' | 'abort' | 'remove' | 'moveToFront';
      readonly ids?: readonly string[] | undefined;
    }
  | {
      /** Of `pending` uploads: deletes their parts on the server and removes their checkpoints from the store. */
      readonly type: 'discard';
      readonly ids?: readonly string[] | undefined;
    }
  | {
      /** Removes notices. */
      readonly type: 'dismiss';
      readonly ids?: readonly string[] | undefined;
    }
  /** Lists unfinished uploads again, as other tabs may have started or finished some. */
  | { readonly type: 'refresh' };

/** Adds files at the end of the queue. */
export interface QueueAdd {
  readonly type: 'add';
  /** Files in the order in which they are to be uploaded. */
  readonly requests: readonly QueueRequest[];
}

/** Resumes a `pending` upload as a new row. */
export interface QueuePick {
  readonly type: 'pick';
  /** Of the `pending` upload. */
  readonly id: string;
  /** What the user has chosen; not needed if `hasFile`. */
  readonly file?: FileHandle | File | undefined;
}

/**
 * An `UploadRequest`, whose options may also come from the defaults of the queue. Without an `id`, the queue generates
 * one. A request whose id belongs to a row, or whose file and object do (unless that row has completed or was aborted),
 * is refused with a notice.
 */
export interface QueueRequest extends UploadOptions {
  /** Names the row in commands. @defaultValue one is made */
  readonly id?: string | undefined;
  /** @defaultValue that of `defaults` */
  readonly bucket?: string | undefined;
  /** @defaultValue that of `uploadCheckpoint` */
  readonly key?: string | undefined;
  /** To resume an earlier upload of this file. */
  readonly uploadCheckpoint?: UploadCheckpoint | null | undefined;
  /**
   * The handle of the file, from `showOpenFilePicker()` or a drop: a retry reads the file as it is then, and
   * `rememberFiles` stores it.
   */
  readonly handle?: FileHandle | null | undefined;
}

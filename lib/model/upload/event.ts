import type { UploadCheckpoint } from '../checkpoint/checkpoint.js';
import type { UploadErrorInfo } from './error-info.js';
import type { Operation } from '../operation.js';

/** What `uploadFile$` emits: readonly plain JSON. All sizes are bytes. */
export type UploadEvent =
  | UploadHashing
  | UploadStarted
  | UploadRestarted
  | PartStarted
  | PartCompleted
  | UploadRetrying
  | UploadWaiting
  | UploadWarning
  | UploadProgress
  | UploadCheckpointed
  | UploadCompleting
  | UploadCompleted;

/** The source is being hashed before anything is sent (`skipExisting`). */
export interface UploadHashing {
  readonly type: 'hashing';
  /** Of `totalBytes`, so far. */
  readonly hashedBytes: number;
  /** The source's size. */
  readonly totalBytes: number;
}

/** The target is known and parts are about to be sent. */
export interface UploadStarted {
  readonly type: 'started';
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** null: the file is sent as one PUT, there is nothing to resume */
  readonly uploadId: string | null;
  /** null: a stream that has not ended */
  readonly totalBytes: number | null;
  /** Bytes of every part but the last. */
  readonly partSize: number;
  /** null: a stream that has not ended */
  readonly partCount: number | null;
  /** Bytes that the server already had. */
  readonly resumedBytes: number;
}

/**
 * The upload was gone from the server (aborted elsewhere, or removed by a bucket rule): it starts over, at most once.
 */
export interface UploadRestarted {
  readonly type: 'restarted';
  /** Why it starts over. */
  readonly reason: 'upload-gone';
  /** How far progress falls. */
  readonly lostBytes: number;
}

/** A part is being sent; `attempt` counts from 1. */
export interface PartStarted {
  readonly type: 'part-started';
  /** From 1 to 10,000. */
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** From 1. */
  readonly attempt: number;
}

/** A part was acknowledged; comes after the checkpoint that holds it. */
export interface PartCompleted {
  readonly type: 'part-completed';
  /** From 1 to 10,000. */
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
}

/** A request failed and is sent again after `delayMs`; `attempt` is the one that failed, from 1. */
export interface UploadRetrying {
  readonly type: 'retrying';
  /** The call that failed. */
  readonly operation: Operation;
  /** null if the request carries no part. */
  readonly partNumber: number | null;
  /** The one that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until it is sent again. */
  readonly delayMs: number;
  /** Why it failed. */
  readonly error: UploadErrorInfo;
}

/** Offline, or (`locked`) another tab or subscriber is uploading this file. */
export interface UploadWaiting {
  readonly type: 'waiting';
  /** What it waits for. */
  readonly reason: 'offline' | 'locked';
}

/** A problem that does not stop the upload. */
export interface UploadWarning {
  readonly type: 'warning';
  /** What went wrong. */
  readonly error: UploadErrorInfo;
}

/** How far the upload is. */
export interface UploadProgress {
  readonly type: 'progress';
  /** Never falls, except at `restarted` by its `lostBytes`. */
  readonly transferredBytes: number;
  /** null until the end of a stream */
  readonly totalBytes: number | null;
  /** What a stream has produced so far; of a file all of it. */
  readonly availableBytes: number;
  /** Seconds since this subscription began. */
  readonly elapsedSeconds: number;
  /** Over the last seconds; null until it is known. */
  readonly bytesPerSecond: number | null;
}

/** Store the latest one: it is what `uploadCheckpoint` takes. */
export interface UploadCheckpointed {
  readonly type: 'checkpoint';
  /** Contains every part that was acknowledged. */
  readonly checkpoint: UploadCheckpoint;
}

/** All bytes are on the server; the object is being assembled and verified. */
export interface UploadCompleting {
  readonly type: 'completing';
}

/** The only sign of success: once, and last. */
export interface UploadCompleted {
  readonly type: 'completed';
  /** The object. */
  readonly result: UploadResult;
  /** The object was there already, with the same content (`skipExisting`): nothing was sent. */
  readonly skipped: boolean;
}

/** The object that was made, and how it was verified. */
export interface UploadResult {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The object's address. */
  readonly location: string;
  /** Without quotes; empty if neither the response nor HEAD shows it. */
  readonly etag: string;
  /** Of the object in a bucket with versioning; null without. */
  readonly versionId: string | null;
  /** The service's id of the request, for its support; null if a page may not read it. */
  readonly requestId: string | null;
  /** The object's size. */
  readonly totalBytes: number;
  /**
   * How the object was verified: the service's CRC-64 of it is the one of the bytes that were sent (`checksum: 'crc64'`);
   * its ETag equals the one computed from the parts; its size is right (only after an explicit 200); or nothing could be
   * compared.
   */
  readonly verified: 'crc64' | 'etag' | 'size' | 'none';
}

/** The file waits for its turn: emitted only by `uploadFiles$`. */
export interface UploadQueued {
  readonly type: 'waiting';
  /** Fewer files run at once than there are. */
  readonly reason: 'queued';
  /** null: a stream that has not ended */
  readonly totalBytes: number | null;
}

/** An event, or what is emitted before, between and after streams of events: for reducers. */
export type UploadNotification =
  | UploadEvent
  | UploadQueued
  | { readonly type: 'paused'; readonly checkpoint: UploadCheckpoint | null }
  | { readonly type: 'failed'; readonly error: UploadErrorInfo };

import type { UploadCheckpoint, UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { partAt, partCountOf } from '../../model/checkpoint/parts.js';
import type { UploadSource } from '../../ports/source/upload-source.js';
import type { ObsCheckpointPart, ObsUploadCheckpoint } from '../model/checkpoint.js';
import { quotedEtag } from '../params/etag.js';
import { recordMd5 } from './record-md5.js';
import { remember, type Remembered } from './remembered.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A record that follows its upload. */
export interface LiveRecord {
  /** Another one from the moment on at which an application has frozen it. */
  readonly record: ObsUploadCheckpoint;
  /** The record as a checkpoint of the library. */
  readonly checkpoint: UploadCheckpoint;
  /** Updates the record; one more part takes constant time. */
  follow(checkpoint: UploadCheckpoint): void;
  /** The upload is gone from the server. */
  forgetUpload(): void;
}

/**
 * @param given - the record to resume from: it is updated in place unless it is frozen, as in a store
 * @param secret - what a resume with the record object needs besides
 */
export function liveRecord(
  first: UploadCheckpoint,
  sourceFile: Blob | UploadSource,
  given: ObsUploadCheckpoint | null,
  secret: Remembered,
): LiveRecord {
  let last = first;
  const filled = (record: object, file: Blob | UploadSource): Mutable<ObsUploadCheckpoint> => {
    fill(record as Mutable<ObsUploadCheckpoint>, last, file);
    remember(record, secret);
    return record as Mutable<ObsUploadCheckpoint>;
  };
  // Keep the record's file until the new one has been verified to be the same.
  const file = given !== null && isFile(given.sourceFile) ? given.sourceFile : sourceFile;
  let record = filled(given !== null && Object.isExtensible(given) ? given : {}, file);
  /** The record, or a copy of one that a store has frozen. */
  const writable = (): Mutable<ObsUploadCheckpoint> => {
    if (!Object.isExtensible(record)) record = filled({}, sourceFile);
    return record;
  };
  return {
    get record() {
      return record;
    },
    get checkpoint() {
      return last;
    },
    follow(checkpoint) {
      const added = addedPart(last, checkpoint);
      const current = writable();
      if (added === null) fill(current, checkpoint, sourceFile);
      else markCompleted(current.parts, added);
      current.sourceFile = sourceFile;
      last = checkpoint;
    },
    forgetUpload() {
      delete writable().uploadId;
    },
  };
}

/** False after a JSON round trip, which leaves an empty object. */
export function isFile(sourceFile: unknown): sourceFile is Blob | UploadSource {
  return typeof sourceFile === 'object' && sourceFile !== null && ('slice' in sourceFile || 'transform' in sourceFile);
}

function fill(
  record: Mutable<ObsUploadCheckpoint>,
  checkpoint: UploadCheckpoint,
  sourceFile: Blob | UploadSource,
): void {
  const { server, bucket, key, uploadId, file, partOverheadBytes, object, rights, sseCustomerKeyMd5 } = checkpoint;
  const size = sizeOf(checkpoint);
  Object.assign(record, {
    bucket,
    key,
    sourceFile,
    partSize: file.size === 0 ? 0 : checkpoint.partSize,
    partCount: partCountOf(size, checkpoint.partSize),
    parts: partsOf(checkpoint),
    fileStat: { fileSize: size, ...(file.lastModified === null ? {} : { lastModified: file.lastModified }) },
    uploadId,
    resume: {
      server,
      fileName: file.name,
      sample: file.sample,
      ...(partOverheadBytes === undefined ? {} : { partOverheadBytes }),
      object,
      ...(rights === undefined ? {} : { rights }),
      sseCKeyMd5: sseCustomerKeyMd5,
    },
  } satisfies Omit<ObsUploadCheckpoint, 'md5'>);
  // A getter, since it changes with every part and is rarely read; JSON.stringify reads it too.
  Object.defineProperty(record, 'md5', { get: () => recordMd5(record), enumerable: true, configurable: true });
}

/** Of a stream that has not ended, up to the end of the last part that the server has. */
function sizeOf({ file, parts, partSize, partOverheadBytes = 0 }: UploadCheckpoint): number {
  if (file.size !== null) return file.size;
  return Math.max(0, ...parts.map(({ partNumber, size }) => (partNumber - 1) * partSize + size - partOverheadBytes));
}

function partsOf(checkpoint: UploadCheckpoint): ObsCheckpointPart[] {
  const { partSize, parts } = checkpoint;
  const size = sizeOf(checkpoint);
  const all = Array.from({ length: partCountOf(size, partSize) }, (_, i): ObsCheckpointPart => {
    const { partNumber, start, end } = partAt(size, partSize, i + 1);
    return { partNumber, offset: start, partSize: end - start, isCompleted: false };
  });
  for (const part of parts) markCompleted(all, part);
  return all;
}

function markCompleted(parts: readonly Mutable<ObsCheckpointPart>[], { partNumber, etag }: UploadedPart): void {
  const part = parts[partNumber - 1];
  if (part === undefined) return;
  part.isCompleted = true;
  if (etag !== '') part.etag = quotedEtag(etag);
}

/** The part that was added since the last checkpoint; null if more than that has changed. */
function addedPart(last: UploadCheckpoint, next: UploadCheckpoint): UploadedPart | null {
  const before = last.parts.length;
  const isOther = next.uploadId !== last.uploadId || next.file.size === null || next.file.size !== last.file.size;
  if (isOther || next.parts.length !== before + 1) return null;
  return last.parts.at(-1) === (before === 0 ? undefined : next.parts[before - 1]) ? (next.parts.at(-1) ?? null) : null;
}

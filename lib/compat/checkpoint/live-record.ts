import type { UploadCheckpoint, UploadedPart } from '../../model/checkpoint.js';
import { partAt, partCountOf } from '../../model/parts.js';
import type { UploadSource } from '../../ports/source/upload-source.js';
import type { ObsCheckpointPart, ObsUploadCheckpoint } from '../model/checkpoint.js';
import { quotedEtag } from '../params/etag.js';
import { recordMd5 } from './record-md5.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A record that follows its upload. */
export interface LiveRecord {
  readonly record: ObsUploadCheckpoint;
  /** What the record says, in the library's terms. */
  readonly checkpoint: UploadCheckpoint;
  /** The upload has come so far; a part more costs the same however many there are. */
  follow(checkpoint: UploadCheckpoint): void;
  /** The upload is gone from the server. */
  forgetUpload(): void;
}

/** @param given - the record that the upload goes on from: whoever holds it sees it follow, unless it is frozen, as in a store */
export function liveRecord(
  first: UploadCheckpoint,
  sourceFile: Blob | UploadSource,
  given: ObsUploadCheckpoint | null,
): LiveRecord {
  const record = (given !== null && Object.isExtensible(given) ? given : {}) as Mutable<ObsUploadCheckpoint>;
  let last = first;
  // Another file is not the record's before it has turned out to be the same.
  fill(record, first, given !== null && isFile(given.sourceFile) ? given.sourceFile : sourceFile);
  return {
    record,
    get checkpoint() {
      return last;
    },
    follow(checkpoint) {
      const added = addedPart(last, checkpoint);
      if (added === null) fill(record, checkpoint, sourceFile);
      else markCompleted(record.parts, added);
      record.sourceFile = sourceFile;
      last = checkpoint;
    },
    forgetUpload() {
      delete record.uploadId;
    },
  };
}

/** JSON leaves an empty object of it. */
export function isFile(sourceFile: unknown): sourceFile is Blob | UploadSource {
  return typeof sourceFile === 'object' && sourceFile !== null && 'slice' in sourceFile;
}

function fill(
  record: Mutable<ObsUploadCheckpoint>,
  checkpoint: UploadCheckpoint,
  sourceFile: Blob | UploadSource,
): void {
  const { server, bucket, key, uploadId, file, object, rights, sseCustomerKeyMd5 } = checkpoint;
  Object.assign(record, {
    bucket,
    key,
    sourceFile,
    partSize: file.size === 0 ? 0 : checkpoint.partSize,
    partCount: partCountOf(file.size, checkpoint.partSize),
    parts: partsOf(checkpoint),
    fileStat: { fileSize: file.size, ...(file.lastModified === null ? {} : { lastModified: file.lastModified }) },
    uploadId,
    resume: {
      server,
      fileName: file.name,
      sample: file.sample,
      object,
      ...(rights === undefined ? {} : { rights }),
      sseCKeyMd5: sseCustomerKeyMd5,
    },
  } satisfies Omit<ObsUploadCheckpoint, 'md5'>);
  // Read seldom, out of date after every part: made when it is asked for, by JSON.stringify too.
  Object.defineProperty(record, 'md5', { get: () => recordMd5(record), enumerable: true, configurable: true });
}

function partsOf({ partSize, file, parts }: UploadCheckpoint): ObsCheckpointPart[] {
  const all = Array.from({ length: partCountOf(file.size, partSize) }, (_, i): ObsCheckpointPart => {
    const { partNumber, start, end } = partAt(file.size, partSize, i + 1);
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

/** The part by which the next checkpoint is ahead; null where it is not the last one and a part more. */
function addedPart(last: UploadCheckpoint, next: UploadCheckpoint): UploadedPart | null {
  const before = last.parts.length;
  if (next.uploadId !== last.uploadId || next.parts.length !== before + 1) return null;
  return last.parts.at(-1) === (before === 0 ? undefined : next.parts[before - 1]) ? (next.parts.at(-1) ?? null) : null;
}

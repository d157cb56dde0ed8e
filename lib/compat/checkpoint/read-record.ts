import { CheckpointError } from '../../model/errors/errors.js';
import { parseCheckpoint } from '../../validation/checkpoint.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { DEFAULT_PART_SIZE } from '../../model/checkpoint/parts.js';
import { bareEtag } from '../../protocol/response/etag.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';
import { recordMd5 } from './record-md5.js';

/**
 * Converts a record, from memory or from JSON, to a checkpoint of the library, every field checked.
 * @returns null if its upload was aborted: there is nothing to resume
 * @throws CheckpointError before anything is sent; nothing of the upload is deleted
 */
export function readRecord(given: unknown): UploadCheckpoint | null {
  const record = requireIntact(given);
  const { bucket, key, uploadId, partSize, fileStat, resume } = record;
  if (uploadId === undefined) return null;
  const { partOverheadBytes } = resume;
  return parseCheckpoint({
    version: 1,
    server: resume.server,
    bucket,
    key,
    uploadId,
    partSize: fileStat.fileSize === 0 && partSize === 0 ? DEFAULT_PART_SIZE : partSize,
    file: {
      name: resume.fileName,
      size: fileStat.fileSize,
      lastModified: fileStat.lastModified ?? null,
      sample: resume.sample,
    },
    ...(partOverheadBytes === undefined ? {} : { partOverheadBytes }),
    object: resume.object,
    rights: resume.rights,
    sseCustomerKeyMd5: resume.sseCKeyMd5,
    parts: record.parts
      .filter(({ isCompleted }) => isCompleted)
      .map(({ partNumber, partSize: bytes, etag }) => ({
        partNumber,
        size: bytes + (partOverheadBytes ?? 0),
        etag: bareEtag(etag),
      })),
  });
}

function requireIntact(given: unknown): ObsUploadCheckpoint {
  const record = given as Partial<ObsUploadCheckpoint> | null;
  if (typeof record !== 'object' || record === null) refuse('UploadCheckpoint', 'is not a record of an upload');
  if (typeof record.resume !== 'object') {
    refuse('resume', 'is missing: the record comes from another library, which cannot identify the file');
  }
  if (!isRecord(record) || record.md5 !== recordMd5(record)) refuse('md5', 'does not match: the record was changed');
  return record;
}

/** Checks only what the checksum reads; `parseCheckpoint` does the rest. */
function isRecord(record: Partial<ObsUploadCheckpoint>): record is ObsUploadCheckpoint {
  const { fileStat, parts, resume } = record as Readonly<Record<string, unknown>>;
  return isObject(fileStat) && isObject(resume) && Array.isArray(parts) && parts.every(isObject);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function refuse(field: string, why: string): never {
  throw new CheckpointError(field, `The UploadCheckpoint cannot be used: ${field} ${why}. Start without it.`);
}

import { CheckpointError } from '../../model/errors/checkpoint-error.js';
import { parseCheckpoint } from '../../validation/checkpoint.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import { DEFAULT_PART_SIZE } from '../../model/limits.js';
import { bareEtag } from '../../protocol/etag.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';
import { recordMd5 } from './record-md5.js';

/**
 * A record that came back, from memory or from JSON, as the library's own checkpoint, every field checked.
 * @returns null where its upload was aborted: there is nothing to go on with
 * @throws CheckpointError: nothing is sent, and nothing of the upload is deleted
 */
export function readRecord(given: unknown): UploadCheckpoint | null {
  const record = requireIntact(given);
  const { bucket, key, uploadId, partSize, fileStat, resume } = record;
  if (uploadId === undefined) return null;
  return parseCheckpoint({
    version: 1,
    server: resume.server,
    bucket,
    key,
    uploadId,
    partSize: fileStat.fileSize === 0 ? DEFAULT_PART_SIZE : partSize,
    file: {
      name: resume.fileName,
      size: fileStat.fileSize,
      lastModified: fileStat.lastModified ?? null,
      sample: resume.sample,
    },
    object: resume.object,
    rights: resume.rights,
    sseCustomerKeyMd5: resume.sseCKeyMd5,
    parts: record.parts
      .filter(({ isCompleted }) => isCompleted)
      .map((part) => ({ partNumber: part.partNumber, size: part.partSize, etag: bareEtag(part.etag) })),
  });
}

function requireIntact(given: unknown): ObsUploadCheckpoint {
  const record = given as Partial<ObsUploadCheckpoint> | null;
  if (typeof record !== 'object' || record === null) refuse('UploadCheckpoint', 'is no record of an upload');
  if (typeof record.resume !== 'object') {
    refuse('resume', 'is missing: the record comes from another library, which could not tell one file from another');
  }
  if (!isRecord(record) || record.md5 !== recordMd5(record)) refuse('md5', 'does not fit: the record was changed');
  return record;
}

/** As far as its checksum reads it; `parseCheckpoint` does the rest. */
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

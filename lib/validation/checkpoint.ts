import { CheckpointError, InvalidOptionsError } from '../model/errors/errors.js';
import type { FileIdentity, UploadCheckpoint, UploadedPart } from '../model/checkpoint/checkpoint.js';
import type { Checksum } from '../model/checksum.js';
import { isRight, withoutRights, type HarmlessOptions, type RightName } from '../model/checkpoint/rights.js';
import { MAX_PART_COUNT, MAX_PART_SIZE, partAt, partCountOf } from '../model/checkpoint/parts.js';
import { algorithms, isChecksum } from '../protocol/request/checksum.js';
import { isWellFormed, type Untrusted } from './check.js';
import { readObjectOptions } from './object-options.js';

/**
 * Reads a checkpoint from an untrusted source: storage, a server, another tab. Only known fields are used, each
 * checked.
 * @throws CheckpointError naming the invalid field
 *
 * @example
 * ```ts
 * const uploadCheckpoint = parseCheckpoint(JSON.parse(text));
 * uploadFile$(obs, { sourceFile: file, uploadCheckpoint }).subscribe();
 * ```
 */
export function parseCheckpoint(value: unknown): UploadCheckpoint {
  const record = object(value, 'checkpoint');
  if (record.version !== 1) fail('version', 'must be 1: this checkpoint comes from something else or a newer version');
  const partSize = integer(record.partSize, 'partSize', 1, MAX_PART_SIZE);
  const hasParts = !Array.isArray(record.parts) || record.parts.length > 0;
  const file = readFile(record.file, hasParts);
  if (file.size !== null && partCountOf(file.size, partSize) > MAX_PART_COUNT)
    fail('partSize', `makes more than ${MAX_PART_COUNT} parts of the file`);
  return Object.freeze({
    version: 1,
    server: text(record.server, 'server'),
    bucket: text(record.bucket, 'bucket'),
    key: text(record.key, 'key'),
    uploadId: text(record.uploadId, 'uploadId'),
    partSize,
    file,
    ...readOverhead(record.partOverheadBytes),
    object: readObject(record.object),
    ...readRights(record.rights),
    ...readAlgorithm(record.checksum),
    sseCustomerKeyMd5: record.sseCustomerKeyMd5 === null ? null : text(record.sseCustomerKeyMd5, 'sseCustomerKeyMd5'),
    parts: readParts(record.parts, file.size, partSize, readOverhead(record.partOverheadBytes).partOverheadBytes ?? 0),
  });
}

function readFile(value: unknown, hasParts: boolean): FileIdentity {
  const file = object(value, 'file');
  return {
    name: file.name === null ? null : string(file.name, 'file.name'),
    size: file.size === null ? null : integer(file.size, 'file.size', 0, Number.MAX_SAFE_INTEGER),
    lastModified: file.lastModified === null ? null : finite(file.lastModified, 'file.lastModified'),
    sample: hasParts ? text(file.sample, 'file.sample') : string(file.sample, 'file.sample'),
  };
}

function readOverhead(value: unknown): Pick<UploadCheckpoint, 'partOverheadBytes'> {
  return value === undefined ? {} : { partOverheadBytes: integer(value, 'partOverheadBytes', 0, MAX_PART_SIZE) };
}

/** Rights that an earlier version, or somebody else, has stored are checked like the rest and dropped. */
function readObject(value: unknown): HarmlessOptions {
  try {
    return withoutRights(readObjectOptions(object(value, 'object')));
  } catch (error) {
    if (error instanceof InvalidOptionsError) return fail(`object.${error.option}`, 'is not as an upload leaves it');
    throw error;
  }
}

function readRights(value: unknown): Pick<UploadCheckpoint, 'rights'> {
  if (value === undefined) return {};
  if (!Array.isArray(value) || value.length > MAX_RIGHTS) return fail('rights', 'must be a short list');
  const rights = value.map((name: unknown, i): RightName =>
    isRight(name) ? name : fail(`rights[${i}]`, 'must be the name of an option that a resume needs again'),
  );
  return { rights: Object.freeze(rights) };
}

function readAlgorithm(value: unknown): Pick<UploadCheckpoint, 'checksum'> {
  if (value === undefined) return {};
  return { checksum: algorithms.find((known) => known === value) ?? fail('checksum', 'must be a known checksum') };
}

function readChecksum(value: unknown, field: string): Pick<UploadedPart, 'checksum'> {
  if (value === undefined) return {};
  const { algorithm, value: text } = object(value, field);
  if (!isChecksum({ algorithm, value: text })) return fail(field, 'is not a checksum');
  return { checksum: Object.freeze({ algorithm, value: text } as Checksum) };
}

/** More than the number of rights. */
const MAX_RIGHTS = 100;

/** @param size - null: a stream that has not ended, so all its parts are full */
function readParts(value: unknown, size: number | null, partSize: number, overhead: number): readonly UploadedPart[] {
  if (!Array.isArray(value)) return fail('parts', 'must be a list');
  const partCount = size === null ? MAX_PART_COUNT : partCountOf(size, partSize);
  if (value.length > partCount) return fail('parts', `has more than ${partCount} parts, those of the file`);
  const seen = new Set<number>();
  return Object.freeze(
    value.map((item: unknown, i) => {
      const part = object(item, `parts[${i}]`);
      const partNumber = integer(part.partNumber, `parts[${i}].partNumber`, 1, partCount);
      if (seen.has(partNumber)) fail(`parts[${i}].partNumber`, 'is a duplicate');
      seen.add(partNumber);
      const { start, end } = partAt(size ?? Infinity, partSize, partNumber);
      const expected = end - start + overhead;
      if (part.size !== expected) fail(`parts[${i}].size`, `must be ${expected}, the size of that part of the file`);
      return Object.freeze({
        partNumber,
        size: expected,
        etag: string(part.etag, `parts[${i}].etag`),
        ...readChecksum(part.checksum, `parts[${i}].checksum`),
      });
    }),
  );
}

function object(value: unknown, field: string): Untrusted {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(field, 'must be an object');
  return value as Untrusted;
}

/** Long enough for any upload id and key, short enough to prevent abuse. */
export const MAX_TEXT = 4096;

function string(value: unknown, field: string): string {
  if (typeof value !== 'string' || value.length > MAX_TEXT || !isWellFormed(value))
    return fail(field, 'must be a text');
  return value;
}

function text(value: unknown, field: string): string {
  return string(value, field) || fail(field, 'must not be empty');
}

function finite(value: unknown, field: string): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(field, 'must be a number');
}

function integer(value: unknown, field: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  return fail(field, `must be a whole number from ${min} to ${max}`);
}

function fail(field: string, what: string): never {
  throw new CheckpointError(field, `The checkpoint cannot be used: ${field} ${what}. Start the upload without it.`);
}

import { isChecksumName } from '../../fake-obs/state/checksum.js';
import type { ObjectHeaders } from '../../fake-obs/request/object-headers.js';
import type { BucketRecord, ObjectRecord, PartRecord, UploadRecord } from '../../fake-obs/state/state.js';

/** An object's record on disk. */
export interface StoredObject {
  readonly object: ObjectRecord;
  /** Path of the file, relative to the root. */
  readonly file: string;
  /** Name of the temporary file that is still to be moved there, if it exists. */
  readonly staged: string;
}

export function writeObject(stored: StoredObject): string {
  return JSON.stringify(stored, null, 2);
}

/** null if the text is not a record, as after a manual edit. */
export function readObject(text: string): StoredObject | null {
  const { object, file, staged } = parse(text);
  if (typeof object !== 'object' || object === null || typeof file !== 'string' || typeof staged !== 'string')
    return null;
  const isComplete =
    hasStrings(object, 'bucket', 'key', 'etag', 'account', 'bytesId') && hasNumbers(object, 'size', 'modifiedAt');
  return isComplete && hasHeaders(object) ? { object: object as ObjectRecord, file, staged } : null;
}

export function writeUpload(upload: UploadRecord): string {
  return JSON.stringify({ ...upload, parts: undefined }, null, 2);
}

export function readUpload(text: string): UploadRecord | null {
  const upload = parse(text);
  if (!hasStrings(upload, 'uploadId', 'bucket', 'key', 'account') || !hasNumbers(upload, 'initiatedAt')) return null;
  return hasHeaders(upload) ? { ...(upload as unknown as UploadRecord), parts: new Map() } : null;
}

export function writeBucket({ name, createdAt }: BucketRecord): string {
  return JSON.stringify({ name, createdAt });
}

export function readBucket(text: string): BucketRecord | null {
  const bucket = parse(text);
  if (!hasStrings(bucket, 'name') || !hasNumbers(bucket, 'createdAt')) return null;
  return { ...(bucket as unknown as BucketRecord), objects: new Map() };
}

/** A part's file name has all its metadata except size and time, which the file itself has. */
export function partFileName(part: PartRecord): string {
  const { partNumber, bytesId, etag, checksum } = part;
  const suffix = checksum === undefined ? '' : `_${checksum.name}-${checksum.hex}`;
  return `${String(partNumber).padStart(5, '0')}_${bytesId}_${etag}${suffix}`;
}

export function readPartFileName(
  name: string,
): Pick<PartRecord, 'partNumber' | 'bytesId' | 'etag' | 'checksum'> | null {
  const form = /^(\d{5})_([a-z0-9]+)_([0-9a-fA-F]{32})(?:_([a-z0-9]+)-([0-9a-f]{8,64}))?$/;
  const [, partNumber, bytesId, etag, algorithm, hex = ''] = form.exec(name) ?? [];
  if (partNumber === undefined || bytesId === undefined || etag === undefined) return null;
  const checksum = isChecksumName(algorithm) ? { checksum: { name: algorithm, hex } } : {};
  return { partNumber: Number(partNumber), bytesId, etag, ...checksum };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function hasStrings(value: object, ...names: readonly string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

function hasNumbers(value: object, ...names: readonly string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'number');
}

function hasHeaders(value: object): boolean {
  const { headers } = value as { readonly headers?: Partial<ObjectHeaders> | null };
  return typeof headers?.standard === 'object' && typeof headers.extension === 'object';
}

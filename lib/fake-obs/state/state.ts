import type { CheckedChecksum } from './checksum.js';
import type { ObjectHeaders } from '../request/object-headers.js';

/** All that the fake OBS knows; the bytes themselves are with the front, under their `bytesId`. */
export interface ObsState {
  /** By name. */
  readonly buckets: ReadonlyMap<string, BucketRecord>;
  /** Unfinished uploads by id. */
  readonly uploads: ReadonlyMap<string, UploadRecord>;
}

/** A bucket and what is in it. */
export interface BucketRecord {
  /** Unique in the store. */
  readonly name: string;
  /** epoch milliseconds */
  readonly createdAt: number;
  /** By key. */
  readonly objects: ReadonlyMap<string, ObjectRecord>;
}

/** A multipart upload that is neither completed nor aborted. */
export interface UploadRecord {
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** epoch milliseconds */
  readonly initiatedAt: number;
  /** Who initiated: nobody else may send parts or complete. */
  readonly account: string;
  /** What the object will have. */
  readonly headers: ObjectHeaders;
  /** By part number. */
  readonly parts: ReadonlyMap<number, PartRecord>;
}

/** A part of an unfinished upload. */
export interface PartRecord {
  /** From 1 to 10,000. */
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** epoch milliseconds */
  readonly modifiedAt: number;
  /** Names the bytes in the store. */
  readonly bytesId: string;
  /** Absent where the request gave none. */
  readonly checksum?: CheckedChecksum;
}

/** A complete object. */
export interface ObjectRecord {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** bytes */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** epoch milliseconds */
  readonly modifiedAt: number;
  /** Who created it. */
  readonly account: string;
  /** What the object has. */
  readonly headers: ObjectHeaders;
  /** The multipart upload that made the object; null where one PUT did. */
  readonly uploadId: string | null;
  /** Names the bytes in the store. */
  readonly bytesId: string;
  /** Of the entire object; absent where not all requests gave one. */
  readonly checksum?: CheckedChecksum;
}

/** What a request changes; a front makes it durable, then it is applied. */
export type Effect =
  | { readonly type: 'create-bucket'; readonly bucket: BucketRecord }
  | { readonly type: 'delete-bucket'; readonly bucket: string }
  | { readonly type: 'create-upload'; readonly upload: UploadRecord }
  | { readonly type: 'store-part'; readonly uploadId: string; readonly part: PartRecord }
  | { readonly type: 'delete-part'; readonly uploadId: string; readonly part: PartRecord }
  | { readonly type: 'abort-upload'; readonly upload: UploadRecord }
  /** The chosen parts, in order, become the object; the upload ends. */
  | {
      readonly type: 'complete-upload';
      readonly upload: UploadRecord;
      readonly parts: readonly PartRecord[];
      readonly object: ObjectRecord;
    }
  | { readonly type: 'put-object'; readonly object: ObjectRecord }
  | { readonly type: 'delete-object'; readonly object: ObjectRecord };

/** The state and the one way to change it. */
export interface StateStore {
  readonly state: ObsState;
  apply(effect: Effect): void;
}

interface Bucket extends BucketRecord {
  readonly objects: Map<string, ObjectRecord>;
}
interface Upload extends UploadRecord {
  readonly parts: Map<number, PartRecord>;
}

/** An empty state. */
export function createStateStore(): StateStore {
  const buckets = new Map<string, Bucket>();
  const uploads = new Map<string, Upload>();
  return { state: { buckets, uploads }, apply: (effect) => applyTo(buckets, uploads, effect) };
}

function applyTo(buckets: Map<string, Bucket>, uploads: Map<string, Upload>, effect: Effect): void {
  switch (effect.type) {
    case 'create-bucket':
      buckets.set(effect.bucket.name, { ...effect.bucket, objects: new Map(effect.bucket.objects) });
      return;
    case 'delete-bucket':
      buckets.delete(effect.bucket);
      return;
    case 'create-upload':
      uploads.set(effect.upload.uploadId, { ...effect.upload, parts: new Map(effect.upload.parts) });
      return;
    case 'store-part':
      uploads.get(effect.uploadId)?.parts.set(effect.part.partNumber, effect.part);
      return;
    case 'delete-part':
      uploads.get(effect.uploadId)?.parts.delete(effect.part.partNumber);
      return;
    case 'abort-upload':
      uploads.delete(effect.upload.uploadId);
      return;
    case 'complete-upload':
      uploads.delete(effect.upload.uploadId);
      buckets.get(effect.object.bucket)?.objects.set(effect.object.key, effect.object);
      return;
    case 'put-object':
      buckets.get(effect.object.bucket)?.objects.set(effect.object.key, effect.object);
      return;
    case 'delete-object':
      buckets.get(effect.object.bucket)?.objects.delete(effect.object.key);
      return;
  }
}

import { assemble } from './assemble.js';
import { etagOf } from './etag.js';
import type { ObsConfig } from './config.js';
import { md5Hex } from '../../ports/hash/md5.js';
import { readObjectHeaders } from '../request/object-headers.js';
import type { ObjectRecord, ObsState, Effect, PartRecord, UploadRecord } from './state.js';

/** Reads and changes the state, independently of requests. Missing uploads, parts and objects are ignored. */
export interface ObsControl {
  /** Buckets, objects and uploads as they are now. */
  readonly state: ObsState;
  /** Deletes an upload and its parts, as another client or a bucket rule does. */
  abortUpload(uploadId: string): void;
  /** Deletes all unfinished uploads and their parts. */
  abortAllUploads(): void;
  /** Creates the object from all stored parts, like a complete whose response was lost. */
  completeUpload(uploadId: string): void;
  /** Deletes one part of an unfinished upload. */
  deletePart(uploadId: string, partNumber: number): void;
  /** Stores a part as if it had been sent; its ETag is its MD5. */
  putPart(uploadId: string, partNumber: number, bytes: Uint8Array): void;
  /**
   * Stores an object as if one PUT had made it, by another writer.
   * @param headers - as in a request, names in lower case
   */
  putObject(bucket: string, key: string, bytes: Uint8Array, headers?: Readonly<Record<string, string>>): void;
  /** Deletes an object. */
  deleteObject(bucket: string, key: string): void;
}

/** @param carryOut - stores and applies an effect, with the bytes that come with it */
export function createControl(
  state: ObsState,
  config: ObsConfig,
  carryOut: (effect: Effect, bytes: Uint8Array | null) => void,
): ObsControl {
  const abort = (upload: UploadRecord | undefined): void => {
    if (upload !== undefined) carryOut({ type: 'abort-upload', upload }, null);
  };
  return {
    state,
    abortUpload: (uploadId) => abort(state.uploads.get(uploadId)),
    completeUpload(uploadId) {
      const upload = state.uploads.get(uploadId);
      if (upload === undefined) return;
      const parts = [...upload.parts.values()].sort((a, b) => a.partNumber - b.partNumber);
      const object = assemble(upload, parts, { modifiedAt: config.now(), bytesId: config.newId() }, config);
      carryOut({ type: 'complete-upload', upload, parts, object }, null);
    },
    abortAllUploads: () => [...state.uploads.values()].forEach(abort),
    deletePart(uploadId, partNumber) {
      const part = state.uploads.get(uploadId)?.parts.get(partNumber);
      if (part !== undefined) carryOut({ type: 'delete-part', uploadId, part }, null);
    },
    putPart(uploadId, partNumber, bytes) {
      const upload = state.uploads.get(uploadId);
      if (upload === undefined) return;
      const part: PartRecord = {
        partNumber,
        ...factsOf(bytes, config),
        etag: etagOf(md5Hex(bytes), upload.headers, config),
      };
      carryOut({ type: 'store-part', uploadId, part }, bytes);
    },
    putObject(bucket, key, bytes, headers = {}) {
      if (!state.buckets.has(bucket)) return;
      const objectHeaders = readObjectHeaders({ method: 'PUT', host: '', target: '', headers });
      const object: ObjectRecord = {
        bucket,
        key,
        ...factsOf(bytes, config),
        etag: etagOf(md5Hex(bytes), objectHeaders, config),
        account: 'another writer',
        headers: objectHeaders,
        uploadId: null,
      };
      carryOut({ type: 'put-object', object }, bytes);
    },
    deleteObject(bucket, key) {
      const object = state.buckets.get(bucket)?.objects.get(key);
      if (object !== undefined) carryOut({ type: 'delete-object', object }, null);
    },
  };
}

function factsOf(bytes: Uint8Array, config: ObsConfig): Pick<PartRecord, 'size' | 'modifiedAt' | 'bytesId'> {
  return { size: bytes.length, modifiedAt: config.now(), bytesId: config.newId() };
}

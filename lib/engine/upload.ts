import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import { clockFrom, type Clock } from '../connection/clock.js';
import type { SharedParts } from '../connection/obs-connection.js';
import type { Hasher } from '../ports/hash/hasher.js';
import { addressOf, serverOf, type Address } from '../protocol/request/endpoint.js';
import { parseCheckpoint } from '../validation/checkpoint.js';
import { requireSameTarget, resumeFrom, type ResolvedUpload } from '../validation/options.js';
import type { UploadLock } from '../ports/lock/upload-lock.js';
import type { ResolvedRetry } from '../validation/retry.js';

/** One subscription of `uploadFile$`: its resolved options and its collaborators. Most functions need a few of them. */
export interface Upload extends Omit<ResolvedUpload, 'requestTime'>, CallContext, UploadPorts {}

/** To read the bytes, and notice that the file has changed. */
export type Reading = Pick<Upload, 'source' | 'size' | 'lastModified' | 'stallTimeoutMs'>;

/** To cut the bytes into parts. */
export type Cutting = Pick<Upload, 'source' | 'size' | 'partSize'>;

/** To hash bodies. */
export type Hashing = Pick<Upload, 'hasher' | 'stallTimeoutMs'>;

/** To ask for the object under the key. */
export type Looking = CallContext & Pick<Upload, 'bucket' | 'key' | 'sseCustomerKey' | 'checksum' | 'skipExisting'>;

/** An upload whose size is known: of a file, or of a stream that has ended. */
export type SizedUpload = Upload & { readonly size: number; readonly partCount: number };

/** Whether the file is sent as one PUT. */
export function isSinglePut(upload: Upload): upload is SizedUpload {
  return upload.isSinglePut;
}

export interface UploadPorts {
  readonly hasher: Hasher;
  /** null: nothing is stored */
  readonly persistence: Persistence | null;
}

/** Where checkpoints are stored, by one upload of a file at a time. */
export interface Persistence {
  readonly store: CheckpointStore;
  readonly lock: UploadLock | null;
}

export function beginUpload(shared: SharedParts, resolved: ResolvedUpload, ports: UploadPorts): Upload {
  const { requestTime, ...options } = resolved;
  return {
    ...options,
    ...ports,
    shared,
    address: addressOf(shared.endpoint, resolved),
    clock: clockFrom(shared.clock, requestTime),
    fairnessKey: {},
  };
}

/** The same upload, resumed from an unvalidated checkpoint. @throws CheckpointError, InvalidOptionsError */
export function resumedFrom(upload: Upload, stored: unknown): Upload {
  const { shared, bucket, key } = upload;
  const checkpoint = parseCheckpoint(stored);
  requireSameTarget(checkpoint, { server: serverOf(shared.endpoint), bucket, key });
  return resumeFrom(upload, checkpoint, shared.signer.dialect);
}

/** What every call needs besides its request. */
export interface CallContext {
  readonly shared: SharedParts;
  /** Of the object or bucket that the requests are for. */
  readonly address: Address;
  /** Dates signatures. */
  readonly clock: Clock;
  /** Permits are shared fairly among these: one object per upload. */
  readonly fairnessKey: object;
  readonly retry: ResolvedRetry;
  readonly stallTimeoutMs: number;
}

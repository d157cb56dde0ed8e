import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import { clockFrom } from '../connection/clock.js';
import type { SharedParts } from '../connection/obs-connection.js';
import type { Hasher } from '../ports/hash/hasher.js';
import { addressOf } from '../protocol/endpoint.js';
import { parseCheckpoint } from '../validation/checkpoint.js';
import { resumeFrom, type ResolvedUpload } from '../validation/options.js';
import type { UploadLock } from '../ports/lock/upload-lock.js';
import type { CallContext } from './call/context.js';

/** One subscription of `uploadFile$`: its resolved options and its collaborators. */
export interface Upload extends ResolvedUpload, CallContext, UploadPorts {
  /** The same upload, resumed from an unvalidated checkpoint. @throws CheckpointError, InvalidOptionsError */
  readonly resumedFrom: (checkpoint: unknown) => Upload;
}

/** An upload whose size is known: of a file, or of a stream that has ended. */
export type SizedUpload = Upload & { readonly size: number; readonly partCount: number };

export interface UploadPorts {
  readonly hasher: Hasher;
  readonly checkpointStore: CheckpointStore | null;
  readonly lock: UploadLock | null;
}

export function beginUpload(shared: SharedParts, resolved: ResolvedUpload, ports: UploadPorts): Upload {
  const upload: Upload = {
    ...resolved,
    ...ports,
    shared,
    address: addressOf(shared.endpoint, resolved),
    clock: clockFrom(shared.clock, resolved.requestTime),
    fairnessKey: {},
    resumedFrom: (checkpoint) => ({
      ...upload,
      ...resumeFrom(resolved, parseCheckpoint(checkpoint), shared.signer.dialect),
    }),
  };
  return upload;
}

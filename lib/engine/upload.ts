import { clockFrom } from '../connection/clock.js';
import type { SharedParts } from '../connection/obs-connection.js';
import type { Hasher } from '../hasher/hasher.js';
import type { ResolvedUpload } from '../input/resolve-upload.js';
import type { CallContext } from './call-context.js';

/** One subscription of `uploadFile$`: what it is to do, and with what. */
export interface Upload extends ResolvedUpload, CallContext {
  readonly hasher: Hasher;
}

export function beginUpload(shared: SharedParts, resolved: ResolvedUpload, hasher: Hasher): Upload {
  return { ...resolved, shared, hasher, clock: clockFrom(shared.clock, resolved.requestTime), owner: {} };
}

import { clockFrom } from '../connection/clock.js';
import type { SharedParts } from '../connection/obs-connection.js';
import type { ResolvedUpload } from '../input/resolve-upload.js';
import type { CallContext } from './call-context.js';

/** One subscription of `uploadFile$`: what it is to do, and with what. */
export interface Upload extends ResolvedUpload, CallContext {}

export function beginUpload(shared: SharedParts, resolved: ResolvedUpload): Upload {
  return { ...resolved, shared, clock: clockFrom(shared.clock, resolved.requestTime), owner: {} };
}

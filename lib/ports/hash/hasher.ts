import type { ObservableInput } from 'rxjs';
import type { RequestBody } from '../transport/transport.js';

/** Computes checksums of bodies. */
export interface Hasher {
  /** The MD5, 16 bytes: the first value counts. Unsubscribing stops the work. */
  md5(body: RequestBody): ObservableInput<Uint8Array>;
}

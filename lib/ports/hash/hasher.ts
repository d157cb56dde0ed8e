import type { ObservableInput } from 'rxjs';
import type { ChecksumAlgorithm } from '../../model/checksum.js';
import type { RequestBody } from '../transport/transport.js';

/** Computes checksums of bodies. */
export interface Hasher {
  /** The MD5, 16 bytes: the first value counts. Unsubscribing stops the work. */
  md5(body: RequestBody): ObservableInput<Uint8Array>;
  /**
   * Another checksum, big-endian: 8 bytes for `crc64ecma` and `crc64nvme`, 4 for `crc32c`, 32 for `sha256`. As `md5`.
   * @defaultValue computed on this thread
   */
  checksum?(algorithm: ChecksumAlgorithm, body: RequestBody): ObservableInput<Uint8Array>;
}

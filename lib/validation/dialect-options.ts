import { InvalidOptionsError } from '../model/errors/errors.js';
import type { ChecksumAlgorithm, HashAlgorithm } from '../model/checksum.js';
import { requireTrafficLimits, type Dialect } from '../protocol/dialect.js';
import { requireInteger, requireOneOf } from './check.js';
import type { AnyObservable } from '../ports/from-port.js';

/** @throws InvalidOptionsError for a checksum that the store does not have */
export function resolveChecksum(option: unknown, { checksums }: Dialect): HashAlgorithm | 'none' {
  const checksum = requireOneOf('checksum', option ?? 'none', ['none', 'md5', 'crc64', 'crc32c', 'sha256'] as const);
  if (checksum === 'none' || checksum === 'md5') return checksum;
  const algorithm = checksums[checksum];
  if (algorithm !== undefined) return algorithm;
  throw new InvalidOptionsError(
    'checksum',
    `checksum must be one of none, md5, ${Object.keys(checksums).join(', ')} with this signer: ${checksum} is S3's, ` +
      'which needs v4Signer().',
  );
}

/** Whether the service computes the checksum too, and shows it. */
export function isShown(checksum: HashAlgorithm | 'none'): checksum is ChecksumAlgorithm {
  return checksum !== 'none' && checksum !== 'md5';
}

/** Parts that follow must have what initiate announced to S3, or nothing if it announced nothing. */
export function resumedChecksum(
  requested: HashAlgorithm | 'none',
  announced: ChecksumAlgorithm | undefined,
  { declaresChecksums, checksums }: Dialect,
): HashAlgorithm | 'none' {
  if (!declaresChecksums) return requested;
  if (announced !== undefined && Object.values(checksums).includes(announced)) return announced;
  return isShown(requested) ? 'none' : requested;
}

/** OBS, "Flow control": 100 KB/s to 100 MB/s, in bits a second. */
const MIN_BITS = 819_200;
const MAX_BITS = 838_860_800;

/** null: unlimited */
export type TrafficLimit = number | AnyObservable<number> | null;

/** @throws InvalidOptionsError */
export function resolveTrafficLimit(option: unknown, dialect: Dialect): TrafficLimit {
  if (option === undefined || option === null) return null;
  requireTrafficLimits(dialect);
  if (typeof option === 'object' && 'subscribe' in option) return option as AnyObservable<number>;
  return requireTrafficLimit(option);
}

/** @throws InvalidOptionsError */
export function requireTrafficLimit(bitsPerSecond: unknown): number {
  return requireInteger('trafficLimit', bitsPerSecond, MIN_BITS, MAX_BITS);
}

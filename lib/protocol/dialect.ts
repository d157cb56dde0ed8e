import { InvalidOptionsError } from '../model/errors/errors.js';
import type { ChecksumAlgorithm } from '../model/checksum.js';
import type { ObjectOptions, StorageClass } from '../model/object-options.js';

/** The differences between OBS and S3 in names and features. */
export interface Dialect {
  /** Of the service's own headers. */
  readonly headerPrefix: 'x-obs-' | 'x-amz-';
  /** The store does not have the classes that are missing here. */
  readonly storageClasses: Readonly<Partial<Record<StorageClass, string>>>;
  /** The value that asks for SSE-KMS. */
  readonly kms: string;
  /** The header that names the KMS key. */
  readonly kmsKeyIdHeader: string;
  /** Refuses to complete if the key exists; `limitsTraffic` says whether OBS's own header is sent besides. */
  readonly forbidOverwrite: readonly [header: string, value: string];
  /**
   * Whether lists are requested with `encoding-type=url`. Not for S3: Ceph then encodes keys, but neither says so nor
   * encodes the markers, and S3 writes characters that XML does not allow as character references anyway.
   */
  readonly encodesListedKeys: boolean;
  /** Options that the store has no header for. */
  readonly unsupported: readonly (keyof ObjectOptions)[];
  /** How `checksum` is computed; the store does not have those that are missing here. */
  readonly checksums: Readonly<Partial<Record<'crc64' | 'crc32c' | 'sha256', ChecksumAlgorithm>>>;
  /**
   * Whether initiate names the parts' checksum, HEAD asks for the object's and complete gives the object's size and the
   * key of SSE-C: AWS, "CreateMultipartUpload", "HeadObject" and "CompleteMultipartUpload".
   */
  readonly declaresChecksums: boolean;
  /** Whether the store is OBS: it limits traffic, and has a header of its own against overwriting. */
  readonly limitsTraffic: boolean;
}

/** OBS's own headers, `x-obs-…`. */
export const obsDialect: Dialect = {
  headerPrefix: 'x-obs-',
  storageClasses: {
    STANDARD: 'STANDARD',
    WARM: 'WARM',
    COLD: 'COLD',
    DEEP_ARCHIVE: 'DEEP_ARCHIVE',
    INTELLIGENT_TIERING: 'INTELLIGENT_TIERING',
    HIGH_PERFORMANCE: 'HIGH_PERFORMANCE',
  },
  kms: 'kms',
  kmsKeyIdHeader: 'server-side-encryption-kms-key-id',
  forbidOverwrite: ['x-obs-forbid-overwrite', 'true'],
  encodesListedKeys: true,
  unsupported: ['ifMatch'],
  checksums: { crc64: 'crc64ecma' },
  declaresChecksums: false,
  limitsTraffic: true,
};

/** @throws InvalidOptionsError for a store without `trafficLimit` */
export function requireTrafficLimits({ limitsTraffic }: Dialect): void {
  if (limitsTraffic) return;
  throw new InvalidOptionsError('trafficLimit', 'trafficLimit is an option of OBS alone, which needs obsSigner().');
}

/**
 * Refuses options that a dialect does not have, rather than dropping them silently.
 * @throws InvalidOptionsError naming the option
 */
export function requireSupported(object: ObjectOptions, dialect: Dialect): void {
  for (const option of dialect.unsupported) {
    if (object[option] === undefined) continue;
    const where = option === 'ifMatch' ? 'S3 alone, which needs v4Signer()' : 'OBS alone, which needs obsSigner()';
    throw new InvalidOptionsError(option, `${option} is an option of ${where}.`);
  }
  const { storageClass } = object;
  if (storageClass !== undefined && dialect.storageClasses[storageClass] === undefined) {
    const known = Object.keys(dialect.storageClasses).join(', ');
    throw new InvalidOptionsError('storageClass', `storageClass must be one of ${known} with this signer.`);
  }
}

/** Checksums that stores take besides Content-MD5, by the end of their header's name. */
export type ChecksumAlgorithm = 'crc64ecma' | 'crc64nvme' | 'crc32c' | 'sha256';

export type HashAlgorithm = 'md5' | ChecksumAlgorithm;

/** A checksum as its header has it. */
export interface Checksum {
  /** How `value` was computed. */
  readonly algorithm: ChecksumAlgorithm;
  /** Decimal for `crc64ecma`, else the Base64 of the bytes, big-endian. */
  readonly value: string;
}

/** Whether the checksum of an entire object can be computed from those of its parts. */
export function isCombinable(algorithm: ChecksumAlgorithm): algorithm is 'crc64ecma' | 'crc64nvme' {
  return algorithm === 'crc64ecma' || algorithm === 'crc64nvme';
}

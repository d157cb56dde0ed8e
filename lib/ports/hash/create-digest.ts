import type { HashAlgorithm } from '../../model/checksum.js';
import { createCrc, polynomials } from './crc.js';
import type { Digest } from './digest.js';
import { createMd5 } from './md5.js';
import { createSha256 } from './sha256.js';

export function createDigest(algorithm: HashAlgorithm): Digest {
  switch (algorithm) {
    case 'md5':
      return createMd5();
    case 'sha256':
      return createSha256();
    default:
      return createCrc(polynomials[algorithm]);
  }
}

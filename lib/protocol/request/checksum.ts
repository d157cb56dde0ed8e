import { isCombinable, type Checksum, type ChecksumAlgorithm } from '../../model/checksum.js';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { fromBase64, toBase64 } from '../../bytes.js';
import { combineCrc64 } from '../../ports/hash/crc.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import type { Dialect } from '../dialect.js';
import { headerOf } from '../response/response-headers.js';
import { textOf, type XmlNode } from '../xml.js';

/** All that a store may compute. */
export const algorithms: readonly ChecksumAlgorithm[] = ['crc64ecma', 'crc64nvme', 'crc32c', 'sha256'];

/** S3's elements ("CompletedPart"); OBS has none. */
const elements: Readonly<Partial<Record<ChecksumAlgorithm, string>>> = {
  crc64nvme: 'ChecksumCRC64NVME',
  crc32c: 'ChecksumCRC32C',
  sha256: 'ChecksumSHA256',
};

/** @param digest - big-endian */
export function checksumOf(algorithm: ChecksumAlgorithm, digest: Uint8Array): Checksum {
  return { algorithm, value: algorithm === 'crc64ecma' ? decimalOf(digest) : toBase64(digest) };
}

/** The header of a part, a single PUT or, for a checksum of the entire object, of complete. */
export function checksumHeaders(checksum: Checksum | null | undefined, dialect: Dialect): Record<string, string> {
  if (!checksum) return {};
  return { [`${dialect.headerPrefix}checksum-${checksum.algorithm}`]: checksum.value };
}

/** S3 wants to know at initiate which checksum the parts will have (AWS: "CreateMultipartUpload"). */
export function declaredChecksum(
  algorithm: ChecksumAlgorithm | null | undefined,
  dialect: Dialect,
): Record<string, string> {
  if (!algorithm || !dialect.declaresChecksums) return {};
  return {
    'x-amz-checksum-algorithm': algorithm.toUpperCase(),
    'x-amz-checksum-type': isCombinable(algorithm) ? 'FULL_OBJECT' : 'COMPOSITE',
  };
}

/** The checksums in a response's headers. */
export function checksumsOf(response: TransportResponse): readonly Checksum[] {
  return algorithms.flatMap((algorithm) => {
    const value = ['x-obs-', 'x-amz-'].map((prefix) => headerOf(response, `${prefix}checksum-${algorithm}`));
    return given(algorithm, value[0] ?? value[1]);
  });
}

/** The checksums in an element of S3. */
export function checksumsIn(node: XmlNode): readonly Checksum[] {
  return algorithms.flatMap((algorithm) => given(algorithm, textOf(node, elements[algorithm] ?? '')));
}

/** A part's checksum in the list of complete. */
export function checksumElement(checksum: Checksum | undefined): string {
  const name = checksum && elements[checksum.algorithm];
  return name === undefined ? '' : `<${name}>${checksum?.value ?? ''}</${name}>`;
}

/**
 * The checksum of the object from those of all its parts, without reading it.
 * @returns null where one is unknown, or the algorithm does not permit it
 */
export function combinedChecksum(
  algorithm: ChecksumAlgorithm,
  parts: readonly Pick<UploadedPart, 'partNumber' | 'size' | 'checksum'>[],
): Checksum | null {
  if (!isCombinable(algorithm)) return null;
  const pieces = [];
  for (const { size, checksum } of [...parts].sort((a, b) => a.partNumber - b.partNumber)) {
    const crc = checksum?.algorithm === algorithm ? crcOf(checksum) : null;
    if (crc === null) return null;
    pieces.push({ crc, size });
  }
  return checksumOf(algorithm, combineCrc64(algorithm, pieces));
}

/** Whether the service has the same value; null where it shows none of this algorithm. */
export function confirms(shown: readonly Checksum[], expected: Checksum | null): boolean | null {
  const other = shown.find(({ algorithm }) => algorithm === expected?.algorithm);
  return other === undefined ? null : other.value === expected?.value;
}

/** Text that is a checksum of this kind, as a list of one; else an empty list. */
function given(algorithm: ChecksumAlgorithm, text: string | null | undefined): readonly Checksum[] {
  const value = text?.trim() ?? '';
  return isChecksum({ algorithm, value }) ? [{ algorithm, value }] : [];
}

/** Composite checksums of S3 end in the number of parts: they are not of this form. */
export function isChecksum({ algorithm, value }: { readonly algorithm: unknown; readonly value: unknown }): boolean {
  if (typeof value !== 'string') return false;
  switch (algorithm) {
    case 'crc64ecma':
      return /^(?:0|[1-9]\d{0,19})$/.test(value) && BigInt(value) < 1n << 64n;
    case 'crc64nvme':
      return /^[A-Za-z0-9+/]{11}=$/.test(value);
    case 'crc32c':
      return /^[A-Za-z0-9+/]{6}==$/.test(value);
    case 'sha256':
      return /^[A-Za-z0-9+/]{43}=$/.test(value);
    default:
      return false;
  }
}

function decimalOf(digest: Uint8Array): string {
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0).toString();
}

function crcOf({ algorithm, value }: Checksum): Uint8Array | null {
  if (!isChecksum({ algorithm, value })) return null;
  if (algorithm !== 'crc64ecma') return fromBase64(value);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

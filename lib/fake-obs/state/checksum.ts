import { fromHex, toBase64, toHex } from '../../bytes.js';
import { combineCrc64, createCrc, polynomials } from '../../ports/hash/crc.js';
import type { Digest } from '../../ports/hash/digest.js';
import { createSha256 } from '../../ports/hash/sha256.js';
import { Refusal } from '../response/refusal.js';
import { extensionOf, headerOf, type HeaderPrefix, type RequestHead } from '../request/request.js';

/** The checksums that the service computes, by the end of their header's name. */
export type ChecksumName = 'crc64ecma' | 'crc64nvme' | 'crc32' | 'crc32c' | 'sha256';

/** A checksum that the service has checked, of a part or of an object. */
export interface CheckedChecksum {
  readonly name: ChecksumName;
  readonly hex: string;
  /** Of how many parts it is made, where it is a checksum of their checksums. */
  readonly parts?: number;
}

const bytesOf: Readonly<Record<ChecksumName, number>> = { crc64ecma: 8, crc64nvme: 8, crc32: 4, crc32c: 4, sha256: 32 };
export const checksumNames = Object.keys(bytesOf) as readonly ChecksumName[];

/** How S3 names its elements; `crc64ecma` is OBS's, which has none. */
export function elementOf(name: ChecksumName): string {
  return `Checksum${name.toUpperCase()}`;
}

export function isChecksumName(name: unknown): name is ChecksumName {
  return checksumNames.some((known) => known === name);
}

/**
 * The checksum that a request gives of its body, or complete of the object.
 * @throws {@link Refusal} InvalidRequest for two of them, or one that is not of its form
 */
export function readChecksum(request: RequestHead): CheckedChecksum | null {
  const given = checksumNames.filter((name) => extensionOf(request, `checksum-${name}`) !== null);
  const [name, other] = given;
  if (name === undefined) return null;
  if (other !== undefined) throw new Refusal('InvalidRequest', 'Only one checksum may be given.');
  return ofForm(name, extensionOf(request, `checksum-${name}`) ?? '');
}

/**
 * The checksum that a presigner moved from the headers into the query, where S3 reads it too; it is not compared with
 * what initiate announced.
 * @throws {@link Refusal} InvalidRequest for one that is not of its form
 */
export function checksumOfQuery({ target }: RequestHead): CheckedChecksum | null {
  const [, name, value = ''] = /[?&]x-amz-checksum-(\w+)=([^&]*)/i.exec(target) ?? [];
  return isChecksumName(name) ? ofForm(name, decodeURIComponent(value)) : null;
}

function ofForm(name: ChecksumName, value: string): CheckedChecksum {
  const hex = hexOf(name, value);
  if (hex === null) throw new Refusal('InvalidRequest', `The value of checksum-${name} is invalid.`);
  return { name, hex };
}

/**
 * The checksum that a request gives, in a header or after its body.
 * @throws {@link Refusal} as {@link readChecksum}
 */
export function checksumNameOf(request: RequestHead): ChecksumName | null {
  const given = readChecksum(request)?.name ?? null;
  const trailer = headerOf(request, 'x-amz-trailer');
  if (trailer === null) return given;
  if (given !== null) throw new Refusal('InvalidRequest', 'Only one checksum may be given.');
  const name = /^x-amz-checksum-(\w+)$/i.exec(trailer)?.[1]?.toLowerCase();
  if (isChecksumName(name)) return name;
  throw new Refusal('InvalidRequest', `The value specified in the x-amz-trailer header is not supported: ${trailer}`);
}

export function digestFor(name: ChecksumName): Digest {
  // The library itself has no use for CRC-32, which is what the AWS SDKs send by default.
  if (name === 'crc32') return createCrc({ high: 0, low: 0xedb88320, bytes: 4 });
  return name === 'sha256' ? createSha256() : createCrc(polynomials[name]);
}

/** null: not of the form of this checksum */
export function hexOf(name: ChecksumName, value: string): string | null {
  if (name === 'crc64ecma') {
    if (!/^\d{1,20}$/.test(value) || BigInt(value) >= 1n << 64n) return null;
    return BigInt(value).toString(16).padStart(16, '0');
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value) || value.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  return bytes.length === bytesOf[name] ? toHex(bytes) : null;
}

/** As a header or an element has it. */
export function textOf({ name, hex, parts }: CheckedChecksum): string {
  if (name === 'crc64ecma') return BigInt(`0x${hex}`).toString();
  return toBase64(fromHex(hex)) + (parts === undefined ? '' : `-${parts}`);
}

/** The headers of a response that shows a checksum. */
export function checksumHeaders(checksum: CheckedChecksum | undefined, prefix: HeaderPrefix): Record<string, string> {
  return checksum === undefined ? {} : { [`${prefix}checksum-${checksum.name}`]: textOf(checksum) };
}

/** That of an object, by those of its parts; undefined where one has none. */
export function combineChecksums(
  parts: readonly { readonly size: number; readonly checksum?: CheckedChecksum }[],
): CheckedChecksum | undefined {
  const name = parts[0]?.checksum?.name;
  const pieces = parts.flatMap(({ size, checksum }) =>
    checksum?.name === name ? [{ crc: fromHex(checksum?.hex ?? ''), size }] : [],
  );
  if (name === undefined || pieces.length < parts.length) return undefined;
  if (name === 'crc64ecma' || name === 'crc64nvme') return { name, hex: toHex(combineCrc64(name, pieces)) };
  const composite = digestFor(name);
  for (const { crc } of pieces) composite.update(crc);
  return { name, hex: toHex(composite.digest()), parts: parts.length };
}

import { fromHex, toBase64, toHex } from '../ports/hash/bytes.js';
import { combineCrc64 } from '../ports/hash/combine-crc64.js';
import type { HeaderPrefix } from './answer.js';
import { Refusal } from './refusal.js';
import { extensionOf, type RequestHead } from './request.js';

/** The checksums that the service computes, by the end of their header's name. */
export type ChecksumName = 'crc64ecma' | 'crc64nvme' | 'crc32c' | 'sha256';

/** A checksum that the service has checked, of a part or of an object. */
export interface CheckedChecksum {
  readonly name: ChecksumName;
  readonly hex: string;
}

const bytesOf: Readonly<Record<ChecksumName, number>> = { crc64ecma: 8, crc64nvme: 8, crc32c: 4, sha256: 32 };
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
  const hex = hexOf(name, extensionOf(request, `checksum-${name}`) ?? '');
  if (hex === null) throw new Refusal('InvalidRequest', `The value of checksum-${name} is invalid.`);
  return { name, hex };
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
export function textOf({ name, hex }: CheckedChecksum): string {
  return name === 'crc64ecma' ? BigInt(`0x${hex}`).toString() : toBase64(fromHex(hex));
}

/** The headers of a response that shows a checksum. */
export function checksumHeaders(checksum: CheckedChecksum | undefined, prefix: HeaderPrefix): Record<string, string> {
  return checksum === undefined ? {} : { [`${prefix}checksum-${checksum.name}`]: textOf(checksum) };
}

/** That of an object, by those of its parts; undefined where it cannot be known without the bytes. */
export function combineChecksums(
  parts: readonly { readonly size: number; readonly checksum?: CheckedChecksum }[],
): CheckedChecksum | undefined {
  const name = parts[0]?.checksum?.name;
  if (name !== 'crc64ecma' && name !== 'crc64nvme') return undefined;
  const pieces = parts.flatMap(({ size, checksum }) =>
    checksum?.name === name ? [{ crc: fromHex(checksum.hex), size }] : [],
  );
  return pieces.length < parts.length ? undefined : { name, hex: toHex(combineCrc64(name, pieces)) };
}

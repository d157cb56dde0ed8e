import { Refusal } from '../response/refusal.js';
import { extensionOf, headerOf, type ObsRequest, type RequestHead } from '../request/request.js';
import { utf8 } from '../../bytes.js';

const maxKeyBytes = 1024;
const maxPartNumber = 10_000;

/** @throws {@link Refusal} KeyTooLongError over 1024 bytes of UTF-8 */
export function checkKey(key: string): void {
  if (utf8(key).length > maxKeyBytes) throw new Refusal('KeyTooLongError');
}

/** @throws {@link Refusal} InvalidArgument unless it is 1 to 10,000 */
export function checkPartNumber(request: ObsRequest): number {
  const { partNumber } = request;
  if (partNumber === null || partNumber < 1 || partNumber > maxPartNumber) {
    throw new Refusal('InvalidArgument', 'partNumber must be an integer from 1 to 10,000.');
  }
  return partNumber;
}

/** @throws {@link Refusal} InvalidBucketName unless 3 to 63 lower-case letters, digits, hyphens and dots */
export function checkBucketName(name: string): void {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || /\.\.|\.-|-\./.test(name)) {
    throw new Refusal('InvalidBucketName');
  }
}

/** @throws {@link Refusal} NotImplemented for content that is to be copied from another object */
export function refuseCopy(request: RequestHead): void {
  if (extensionOf(request, 'copy-source') !== null) throw new Refusal('NotImplemented');
}

/**
 * The size that a request announces for its body.
 * @throws {@link Refusal} MissingContentLength or EntityTooLarge
 */
export function checkContentLength(request: RequestHead, maxBytes: number): number {
  const length = headerOf(request, 'content-length');
  if (length === null || !/^\d+$/.test(length)) throw new Refusal('MissingContentLength');
  if (Number(length) > maxBytes) throw new Refusal('EntityTooLarge');
  return Number(length);
}

/**
 * The `Content-MD5` of a request as 32 hexadecimal digits; null without the header.
 * @throws {@link Refusal} InvalidDigest unless it is the Base64 of 16 bytes
 */
export function readContentMd5(request: RequestHead): string | null {
  const header = headerOf(request, 'content-md5');
  if (header === null) return null;
  if (!/^[A-Za-z0-9+/]{22}==$/.test(header)) throw new Refusal('InvalidDigest');
  return Array.from(atob(header), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** @throws {@link Refusal} InvalidArgument unless it is a number from 0 to `max`; more than `max` counts as `max` */
export function readCount(text: string | null, fallback: number, max: number, name: string): number {
  if (text === null) return fallback;
  if (!/^\d{1,10}$/.test(text)) throw new Refusal('InvalidArgument', `${name} must be a number.`);
  return Math.min(Number(text), max);
}

import { Refusal } from '../response/refusal.js';
import type { HeaderPrefix, RequestHead } from './request.js';
import { utf8 } from '../../bytes.js';

/** What an object was given at initiate or PUT: standard headers, and OBS's own without their prefix. */
export interface ObjectHeaders {
  /** Headers of HTTP itself, by lower-case name, such as `content-type`. */
  readonly standard: Readonly<Record<string, string>>;
  /** `meta-owner`, `storage-class`, `acl` …; storage classes by OBS's names. */
  readonly extension: Readonly<Record<string, string>>;
}

const standardNames = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];
const extensionNames = new Set(
  (
    'acl grant-read grant-read-acp grant-write-acp grant-full-control storage-class website-redirect-location expires ' +
    'tagging server-side-encryption server-side-encryption-kms-key-id server-side-encryption-aws-kms-key-id ' +
    'sse-kms-key-project-id server-side-encryption-customer-algorithm ' +
    'server-side-encryption-customer-key-md5 object-lock-mode object-lock-retain-until-date ' +
    'checksum-algorithm checksum-type'
  ).split(' '),
);
const returnedHeaders = /^(meta-.*|storage-class|website-redirect-location|server-side-encryption.*)$/;
const fromS3 = new Map([
  ['STANDARD_IA', 'WARM'],
  ['GLACIER', 'COLD'],
]);
const toS3 = new Map([
  ['WARM', 'STANDARD_IA'],
  ['COLD', 'GLACIER'],
]);
const storageClasses = ['STANDARD', 'WARM', 'COLD', 'DEEP_ARCHIVE', 'INTELLIGENT_TIERING', 'HIGH_PERFORMANCE'];
const acls =
  'private public-read public-read-write public-read-delivered public-read-write-delivered authenticated-read ' +
  'bucket-owner-read bucket-owner-full-control log-delivery-write';
const maxMetadataBytes = 8 * 1024;
const maxTags = 10;

/**
 * What of a request's headers is stored with the object.
 * @throws {@link Refusal} InvalidArgument, InvalidStorageClass, InvalidTag or MetadataTooLarge
 */
export function readObjectHeaders(request: RequestHead): ObjectHeaders {
  const standard: Record<string, string> = {};
  const extension: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const bare = /^x-(?:obs|amz)-(.+)$/.exec(name)?.[1];
    if (bare !== undefined && (extensionNames.has(bare) || bare.startsWith('meta-'))) extension[bare] = value;
    if (standardNames.includes(name)) standard[name] = value;
  }
  const storageClass = extension['storage-class'];
  if (storageClass !== undefined) extension['storage-class'] = fromS3.get(storageClass) ?? storageClass;
  checkExtension(extension);
  return { standard: { 'content-type': 'binary/octet-stream', ...standard }, extension };
}

function checkExtension(extension: Readonly<Record<string, string>>): void {
  const { acl, expires, tagging } = extension;
  const storageClass = extension['storage-class'];
  if (acl !== undefined && !acls.split(' ').includes(acl)) throw new Refusal('InvalidArgument', 'The acl is unknown.');
  if (expires !== undefined && !/^[1-9]\d{0,6}$/.test(expires)) {
    throw new Refusal('InvalidArgument', 'expires must be a positive number of days.');
  }
  if (storageClass !== undefined && !storageClasses.includes(storageClass)) throw new Refusal('InvalidStorageClass');
  if (tagging !== undefined && tagging.split('&').length > maxTags) throw new Refusal('InvalidTag');
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(extension)) {
    if (name.startsWith('meta-')) metadataBytes += name.length - 'meta-'.length + utf8(value).length;
  }
  if (metadataBytes > maxMetadataBytes) throw new Refusal('MetadataTooLarge');
}

/** The headers of a new object in a bucket that encrypts by default. */
export function encryptedBy(bucketEncryption: string | null, headers: ObjectHeaders): ObjectHeaders {
  const isChosen = Object.keys(headers.extension).some((name) => name.startsWith('server-side-encryption'));
  if (bucketEncryption === null || isChosen) return headers;
  return { ...headers, extension: { ...headers.extension, 'server-side-encryption': bucketEncryption } };
}

/** How an object or a part is encrypted, in the response to what stored it. */
export function encryptionHeaders({ extension }: ObjectHeaders, prefix: HeaderPrefix): Record<string, string> {
  const named = Object.entries(extension).filter(([name]) => name.startsWith('server-side-encryption'));
  return Object.fromEntries(named.map(([name, value]) => [prefix + name, value]));
}

/** The object's headers in a response to GET or HEAD. */
export function writeObjectHeaders(headers: ObjectHeaders, prefix: HeaderPrefix): Record<string, string> {
  const written: Record<string, string> = { ...headers.standard };
  for (const [name, value] of Object.entries(headers.extension)) {
    if (!returnedHeaders.test(name) || (name === 'storage-class' && value === 'STANDARD')) continue;
    written[prefix + name] = name === 'storage-class' ? storageClassName(value, prefix) : value;
  }
  return written;
}

/** A storage class by the name that the dialect has for it. */
export function storageClassName(storageClass: string | undefined, prefix: HeaderPrefix): string {
  const known = storageClass ?? 'STANDARD';
  return prefix === 'x-amz-' ? (toS3.get(known) ?? known) : known;
}

import { isPrintableAscii } from '../../validation/check.js';
import { Refusal } from '../refusal.js';
import type { ResolvedPolicy } from './resolve-policy.js';
import type { CallName } from './call.js';
import { requirePassive, UNKNOWN_TYPE } from './content-type.js';

const ofObjects = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
];

/** These only ever refuse to overwrite. */
const conditions = ['x-obs-forbid-overwrite', 'x-amz-forbid-overwrite', 'if-none-match', 'if-match'];

const trafficLimits = ['x-obs-traffic-limit', 'x-amz-traffic-limit'];

const harmless: Readonly<Record<CallName, readonly string[]>> = {
  initiate: ofObjects,
  put: [...ofObjects, ...conditions, ...trafficLimits],
  part: ['content-md5', ...trafficLimits],
  complete: ['content-type', 'x-amz-mp-object-size', ...conditions],
  'list-parts': [],
  abort: [],
  head: ['x-amz-checksum-mode'],
};

const makesObjects: readonly CallName[] = ['initiate', 'put'];

const hasContent: readonly CallName[] = [...makesObjects, 'part', 'complete'];

type Headers = Readonly<Record<string, string>>;
type HeaderPolicy = Pick<ResolvedPolicy, 'headerPrefix' | 'allowedHeaders' | 'allowedTypes'>;

/** These only make the store refuse content that arrived damaged; part of an object's integrity, not of its rights. */
const checksum = /^x-(?:obs|amz)-checksum-[a-z0-9-]{1,32}$/;

/**
 * An allow-list: ACLs, grants, callbacks, redirects, expiry, locks, tags and whatever the store introduces next have to
 * be configured.
 * @throws Refusal
 */
export function requireHarmlessHeaders(
  headers: Headers,
  call: CallName,
  { headerPrefix, allowedHeaders, allowedTypes }: HeaderPolicy,
): void {
  const makesObject = makesObjects.includes(call);
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (new Set(names).size !== names.length) throw new Refusal('The same header is set twice.', 400);
  for (const name of names) {
    const metadata = `${headerPrefix}meta-`;
    const isMetadata = makesObject && name.startsWith(metadata) && /^[a-z0-9-]+$/.test(name.slice(metadata.length));
    if (
      isMetadata ||
      (hasContent.includes(call) && checksum.test(name)) ||
      harmless[call].includes(name) ||
      allowedHeaders.includes(name)
    )
      continue;
    throw new Refusal(`The header ${name} is not allowed.`);
  }
  for (const value of Object.values(headers)) {
    if (!isPrintableAscii(value)) throw new Refusal('A header has control characters.', 400);
  }
  const type = contentTypeOf(headers);
  if (makesObject) requirePassive(type, allowedTypes);
  if (call === 'complete' && type !== 'application/xml')
    throw new Refusal('The Content-Type of complete must be application/xml.', 400);
}

/**
 * The headers with a Content-Type where the call makes an object. Without one in what is signed, version 4 lets a page
 * add any, and a browser sniffs an object that has none.
 */
export function withContentType(headers: Headers, call: CallName): Headers {
  if (!makesObjects.includes(call) || (contentTypeOf(headers) ?? '') !== '') return headers;
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type');
  return { ...Object.fromEntries(others), 'Content-Type': UNKNOWN_TYPE };
}

function contentTypeOf(headers: Headers): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
}

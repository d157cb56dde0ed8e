import type { CallName } from './call.js';
import { requirePassive } from './content-type.js';
import { Refusal, type SigningPolicy } from './policy.js';

const ofObjects = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
];

/** These only ever refuse to overwrite. */
const forbidOverwrite = ['x-obs-forbid-overwrite', 'if-none-match'];

const harmless: Readonly<Record<CallName, readonly string[]>> = {
  initiate: ofObjects,
  put: [...ofObjects, ...forbidOverwrite],
  part: ['content-md5'],
  complete: ['content-type', ...forbidOverwrite],
  'list-parts': [],
  abort: [],
  head: [],
};

/**
 * An allow-list: ACLs, grants, callbacks, redirects, expiry, locks, tags and whatever the store will think of next need
 * to be configured.
 * @throws Refusal
 */
export function requireHarmlessHeaders(
  headers: Readonly<Record<string, string>>,
  call: CallName,
  { headerPrefix, allowedHeaders }: Pick<SigningPolicy, 'headerPrefix' | 'allowedHeaders'>,
): void {
  const makesObject = call === 'initiate' || call === 'put';
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (new Set(names).size !== names.length) throw new Refusal('A header is there twice.', 400);
  for (const name of names) {
    const isMetadata = makesObject && new RegExp(`^${headerPrefix}meta-[a-z0-9-]+$`).test(name);
    if (isMetadata || harmless[call].includes(name) || allowedHeaders.includes(name)) continue;
    throw new Refusal(`The header ${name} is not signed for.`);
  }
  for (const value of Object.values(headers)) {
    if (!/^[\u0020-\u007e]*$/.test(value)) throw new Refusal('A header has control characters.', 400);
  }
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (makesObject) requirePassive(type);
  if (call === 'complete' && type !== 'application/xml') throw new Refusal('complete is XML.', 400);
}

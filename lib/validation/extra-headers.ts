import { InvalidOptionsError } from '../model/errors/errors.js';
import type { ExtraHeaders } from '../model/object-options.js';
import { isHeaderName, requireHeaderText, requireObject, requireOneOfEach } from './check.js';

/** Headers that an option sets, without the prefix of OBS or S3. */
const options: readonly (readonly [RegExp, string])[] = [
  [/^content-type$/, 'contentType'],
  [/^cache-control$/, 'cacheControl'],
  [/^content-disposition$/, 'contentDisposition'],
  [/^content-encoding$/, 'contentEncoding'],
  [/^content-language$/, 'contentLanguage'],
  [/^content-md5$|^x-\w+-(?:sdk-)?checksum-/, 'checksum'],
  [/^if-none-match$|^x-\w+-forbid-overwrite$/, 'forbidOverwrite'],
  [/^if-match$/, 'ifMatch'],
  [/^x-\w+-acl$/, 'acl'],
  [/^x-\w+-storage-class$/, 'storageClass'],
  [/^x-\w+-expires$/, 'expires'],
  [/^x-\w+-website-redirect-location$/, 'websiteRedirectLocation'],
  [/^x-\w+-tagging$/, 'tagging'],
  [/^x-\w+-meta-/, 'metadata'],
  [/^x-\w+-server-side-encryption(?:-(?:aws-)?kms-key-id|-customer-.*)?$/, 'sse'],
  [/^x-\w+-callback$/, 'callback'],
  [/^x-\w+-traffic-limit$/, 'trafficLimit'],
  [/^x-\w+-mp-object-size$/, 'sourceFile'],
  [/^authorization$|^x-\w+-security-token$/, 'credentials'],
  [/^date$|^x-\w+-date$/, 'requestDate'],
  [/^host$/, 'server'],
  [/^content-length$|^transfer-encoding$/, 'sourceFile'],
  [/^x-\w+-content-sha256$/, 'signer'],
];

/** A page cannot set these (Fetch, "forbidden request-header"), or they would make another request of it. */
const forbidden =
  /^(?:accept-(?:charset|encoding)|access-control-.*|connection|cookie2?|dnt|expect|keep-alive|origin|permissions-policy|range|referer|set-cookie|te|trailer|upgrade|user-agent|via|proxy-.*|sec-.*|x-\w+-copy-source.*)$/;

/**
 * Extra headers in lower case, each checked.
 * @throws InvalidOptionsError that names the option to use for a header which is not an extra one
 */
export function readExtraHeaders(value: unknown): ExtraHeaders {
  const { initiate, part, complete, ...others } = requireObject('headers', value);
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new InvalidOptionsError('headers', 'headers must have `initiate`, `part` and `complete`, each with headers.');
  }
  return {
    ...(initiate === undefined ? {} : { initiate: readHeaders('headers.initiate', initiate) }),
    ...(part === undefined ? {} : { part: readHeaders('headers.part', part) }),
    ...(complete === undefined ? {} : { complete: readHeaders('headers.complete', complete) }),
  };
}

/**
 * Those of one step.
 * @throws InvalidOptionsError as {@link readExtraHeaders}
 */
export function readHeaders(option: string, value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(requireObject(option, value));
  requireOneOfEach(
    option,
    entries.map(([name]) => name),
  );
  return Object.fromEntries(
    entries.map(([name, text]) => [requireExtra(option, name), requireHeaderText(`${option}.${name}`, text)]),
  );
}

function requireExtra(option: string, name: string): string {
  const lower = name.toLowerCase();
  if (!isHeaderName(name)) {
    throw new InvalidOptionsError(option, `${option} must have header names: letters, digits and hyphens.`);
  }
  const reserved = options.find(([pattern]) => pattern.test(lower))?.[1];
  if (reserved !== undefined) {
    throw new InvalidOptionsError(option, `${option} must not have ${lower}: it is set by the option ${reserved}.`);
  }
  if (forbidden.test(lower)) {
    throw new InvalidOptionsError(option, `${option} must not have ${lower}: it cannot be set for an upload.`);
  }
  return lower;
}

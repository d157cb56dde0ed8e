import { byName, parametersOf } from './query.js';
import type { SignableRequest } from './signer.js';
import { subResources } from './sub-resources.js';

/**
 * The text that OBS and AWS v2 signatures cover.
 * @param date - the Date line: empty if `x-obs-date` is sent, or the expiry of a signed URL
 */
export function stringToSign(request: SignableRequest, prefix: string, resource: string, date: string): string {
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  const valueOf = (name: string): string => headers.find(([header]) => header === name)?.[1] ?? '';
  const canonicalHeaders = headers
    .filter(([name]) => name.startsWith(prefix))
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  return [
    request.method,
    valueOf('content-md5'),
    valueOf('content-type'),
    date,
    canonicalHeaders + resource + canonicalQuery(request.url, prefix),
  ].join('\n');
}

/** Only sub-resources and the store's own parameters, sorted, their values decoded. */
function canonicalQuery(url: string, prefix: string): string {
  const signed = parametersOf(url)
    .filter(([name]) => subResources.has(name) || name.startsWith(prefix))
    .sort(byName)
    .map(([name, value]) => (value ? `${name}=${value}` : name));
  return signed.length === 0 ? '' : `?${signed.join('&')}`;
}

import { subResources } from './sub-resources.js';

export interface SignableRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The text that OBS and AWS v2 signatures cover.
 * @param date - what stands on the Date line: empty where `x-obs-date` is sent, or the expiry of a signed URL
 */
export function stringToSign(request: SignableRequest, prefix: string, resource: string, date: string): string {
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  const valueOf = (name: string): string => headers.find(([header]) => header === name)?.[1] ?? '';
  const canonicalHeaders = headers
    .filter(([name]) => name.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  return [
    request.method,
    valueOf('content-md5'),
    valueOf('content-type'),
    date,
    canonicalHeaders + resource + canonicalQuery(request.url),
  ].join('\n');
}

/** Only sub-resources, sorted, their values decoded. */
function canonicalQuery(url: string): string {
  const query = url.split('?')[1];
  if (!query) return '';
  const signed = query
    .split('&')
    .map((parameter) => parameter.split('='))
    .filter(([name]) => name !== undefined && subResources.has(name))
    .map(([name, value]) => (value === undefined ? name : `${name}=${decodeURIComponent(value)}`))
    .sort();
  return signed.length === 0 ? '' : `?${signed.join('&')}`;
}

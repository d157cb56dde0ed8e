import type { TestRequest } from './test-request.js';
import type { TestRequestFields, TestRequestMatch } from './test-transport.js';

export function matches(match: TestRequestMatch, request: TestRequest): boolean {
  if (typeof match === 'function') return match(request);
  const { url, ...fields } = typeof match === 'string' ? { operation: match } : match;
  return (
    (url === undefined || matchesUrl(url, request.url)) &&
    Object.entries(fields).every(([name, value]) => request[name as Exclude<keyof TestRequestFields, 'url'>] === value)
  );
}

function matchesUrl(wanted: string | RegExp, url: string): boolean {
  // A pattern with the flag g or y would continue from its last match.
  return typeof wanted === 'string' ? [url, url.split('?', 1)[0]].includes(wanted) : url.search(wanted) !== -1;
}

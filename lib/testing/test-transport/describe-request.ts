import type { TestRequest } from './test-request.js';
import type { TestRequestMatch } from './test-transport.js';

/** For messages; without the URL, whose query may be signed. */
export function describeRequest({ operation, method, bucket, key, partNumber, size, state }: TestRequest): string {
  const where = [bucket, key].filter((name) => name !== null).join('/');
  const part = partNumber === null ? '' : `, part ${partNumber}`;
  const body = size === 0 ? '' : `, ${size} bytes`;
  return `${operation ?? method} of ${where}${part}${body} (${state})`;
}

export function describeRequests(requests: readonly TestRequest[]): string {
  return requests.length === 0 ? '  none' : requests.map((request) => `  ${describeRequest(request)}`).join('\n');
}

export function describeMatch(match: TestRequestMatch): string {
  if (typeof match === 'string') return match;
  if (typeof match === 'function') return `the function ${match.name || 'without a name'}`;
  return (
    Object.entries(match)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ') || 'anything'
  );
}

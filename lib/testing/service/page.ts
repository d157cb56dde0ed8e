import { NetworkError } from '../../model/errors/errors.js';
import type { Answer } from '../../fake-obs/response/answer.js';
import type { ObsMachine } from '../../fake-obs/machine.js';
import type { RequestHead } from '../../fake-obs/request/request.js';

/** Headers that a page may always read (Fetch standard, "CORS-safelisted response-header name"). */
const safelisted = new Set([
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
]);

/** Headers that browsers add without a preflight. */
const ofTheBrowser = new Set(['origin', 'content-length', 'cache-control', 'pragma']);

/** What a browser does for cross-origin requests. */
export interface Page {
  /** Makes a preflight, which is not logged. @throws {@link NetworkError} if it is refused */
  preflight(machine: ObsMachine, head: RequestHead): void;
  /** The headers that the page may read. @throws {@link NetworkError} if the response is not for its origin */
  filter(answer: Answer): Readonly<Record<string, string>>;
}

export function pageOf(origin: string): Page {
  return {
    preflight(machine, head) {
      const names = Object.keys(head.headers).filter((name) => !ofTheBrowser.has(name));
      const headers = {
        origin,
        'access-control-request-method': head.method,
        'access-control-request-headers': names.sort().join(','),
      };
      const begun = machine.begin(machine.read({ ...head, method: 'OPTIONS', headers }));
      if (begun.type !== 'answered' || begun.answer.status !== 200) throw blocked();
    },
    filter({ headers }) {
      const allowed = headers['access-control-allow-origin'];
      if (allowed !== '*' && allowed !== origin) throw blocked();
      const exposed = (headers['access-control-expose-headers'] ?? '')
        .toLowerCase()
        .split(',')
        .map((name) => name.trim());
      return Object.fromEntries(
        Object.entries(headers).filter(([name]) => safelisted.has(name) || exposed.includes(name)),
      );
    },
  };
}

/** The reason is hidden from a page. */
function blocked(): NetworkError {
  return new NetworkError('network', 'The request failed before a response could be read.', { retryable: true });
}

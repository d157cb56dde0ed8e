import type { HeaderPrefix } from '../request/request.js';
import { describeCode } from './refusal.js';
import { element, elements, xmlDocument, type Xml } from './xml.js';
import type { ObjectRecord } from '../state/state.js';

/** A response. Names of headers are in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, where it is text; empty for HEAD. */
  readonly text: string;
  /** The body, where it is an object's bytes from `start` up to (not including) `end`. */
  readonly bytes: { readonly object: ObjectRecord; readonly start: number; readonly end: number } | null;
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, text: '', bytes: null };
}

/** A 200 whose body is one XML document in the service's namespace. */
export function xmlAnswer(
  root: string,
  content: readonly Xml[],
  voice: { readonly prefix: HeaderPrefix; readonly region: string },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const namespace =
    voice.prefix === 'x-amz-'
      ? 'http://s3.amazonaws.com/doc/2006-03-01/'
      : `http://obs.${voice.region}.myhuaweicloud.com/doc/2015-06-30/`;
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...headers },
    text: xmlDocument(element(root, content, ` xmlns="${namespace}"`)),
    bytes: null,
  };
}

/** What an error response says. */
export interface ErrorFacts {
  readonly code: string;
  readonly message?: string | null;
  /** @defaultValue what OBS gives for the code */
  readonly status?: number;
  readonly details?: Readonly<Record<string, string>>;
}

/** An error response with OBS's XML body. */
export function errorAnswer(facts: ErrorFacts, resource: string, requestId: string): Answer {
  const [status, message] = describeCode(facts.code);
  const content = elements({
    Code: facts.code,
    Message: facts.message ?? message,
    RequestId: requestId,
    HostId: hostId(requestId),
    Resource: resource,
    ...facts.details,
  });
  return {
    status: facts.status ?? status,
    headers: { 'content-type': 'application/xml' },
    text: xmlDocument(element('Error', content)),
    bytes: null,
  };
}

/** Headers that every response carries. */
export function commonHeaders(prefix: HeaderPrefix, requestId: string, now: number): Record<string, string> {
  return {
    [`${prefix}request-id`]: requestId,
    [`${prefix}id-2`]: hostId(requestId),
    date: new Date(now).toUTCString(),
    server: 'OBS',
  };
}

function hostId(requestId: string): string {
  return `local-${requestId}`;
}

import { ServiceError } from '../../model/errors/errors.js';
import type { Operation } from '../../model/operation.js';
import type { Transport, TransportResponse } from '../../ports/transport/transport.js';
import { adviceFor, errorBodyOf, hasError, isForeignDigest } from '../errors/error-body.js';
import { asSentence } from '../../model/errors/clean-text.js';
import { headerOf, requestIdOf } from './response-headers.js';
import type { SentRequest } from '../errors/sent-values.js';
import { isRetryable } from '../errors/service-codes.js';
import { parseXml, type XmlNode } from '../xml.js';

/** The request of a response, and when it arrived. */
export interface ResponseContext {
  readonly operation: Operation;
  readonly partNumber: number | null;
  /** epoch milliseconds, for a `Retry-After` that is a date */
  readonly now: number;
  /** The signed request: an error must not repeat its secrets, and a refused digest may not be this library's. */
  readonly sent?: SentRequest;
}

/** A redirected response is never a success: it came from an address other than the request's. */
export function isSuccess({ status, redirected }: TransportResponse): boolean {
  return redirected !== true && status >= 200 && status < 300;
}

/** The named root element of a 2xx response; anything else is a `ServiceError`. */
export function readXmlResponse(response: TransportResponse, root: string, context: ResponseContext): XmlNode {
  const xml = parseXml(response.body);
  if (xml?.root === root) return xml.node;
  throw hasError(response) ? serviceErrorOf(response, context) : unexpectedResponse(response, context);
}

/** For 2xx responses without a body: a captive portal's page is not a success. */
export function expectNoBody(response: TransportResponse, context: ResponseContext): void {
  if (response.body.trim() === '') return;
  throw hasError(response) ? serviceErrorOf(response, context) : unexpectedResponse(response, context);
}

/**
 * Refuses a response without a body that cannot come from the service: a captive portal or a proxy may send 200 to
 * anything. Only the service sends an ETag or a request id; in a page CORS may hide both, but it blocks other servers'
 * responses altogether.
 * @throws ServiceError 'bad-response'
 */
export function requireFromService(
  { hidesAnswers }: Transport,
  { isMarked }: { readonly isMarked: boolean },
  response: TransportResponse,
  context: ResponseContext,
): void {
  if (!isMarked && hidesAnswers !== true) throw unexpectedResponse(response, context);
}

export function unexpectedResponse(response: TransportResponse, context: ResponseContext): ServiceError {
  const what = `got status ${response.status} and a body that is not the service's.`;
  return badResponse(response, context, `${what} A proxy or a login page of the network may be in between.`);
}

/** A truncated list without a marker for the next page. */
export function endlessPage(response: TransportResponse, context: ResponseContext): ServiceError {
  const what = 'got a truncated page with neither entries nor a marker for the next one.';
  return badResponse(response, context, what);
}

function badResponse(response: TransportResponse, context: ResponseContext, what: string): ServiceError {
  return new ServiceError('bad-response', `${describe(context)} ${what}`, {
    ...placeOf(context),
    retryable: true,
    status: response.status,
    serviceCode: null,
    requestId: requestIdOf(response),
  });
}

/** An error response as a typed error: by its `<Code>`, else by its status. */
export function serviceErrorOf(response: TransportResponse, context: ResponseContext): ServiceError {
  if (isRedirect(response)) return redirectErrorOf(response, context);
  const { now, sent } = context;
  const { status } = response;
  const { code, message, requestId, serverTime } = errorBodyOf(response, sent);
  const sentences = [
    `${describe(context)} was refused: ${code ?? 'no code'} (HTTP ${status}).`,
    message === null ? null : `The service says: ${asSentence(message)}`,
    adviceFor(code, sent),
  ];
  return new ServiceError('service', sentences.filter((sentence) => sentence !== null).join(' '), {
    ...placeOf(context),
    retryable: isRetryable(code, status) && !isForeignDigest(code, sent),
    status,
    serviceCode: code,
    requestId,
    retryAfterMs: retryAfterMs(response, now),
    serverTime: serverTimeOf(serverTime ?? headerOf(response, 'date')),
  });
}

/** A custom transport may pass on a redirect as it is. */
function isRedirect({ redirected, status }: TransportResponse): boolean {
  return redirected === true || isRedirectStatus(status);
}

function isRedirectStatus(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Final: the server would redirect again. A response from elsewhere is not trusted, not even its status. */
function redirectErrorOf(response: TransportResponse, context: ResponseContext): ServiceError {
  const isOwn = isRedirectStatus(response.status);
  const { code = null, requestId = null } = isOwn ? errorBodyOf(response, context.sent) : {};
  const details = [isOwn ? `HTTP ${response.status}` : null, code].filter((detail) => detail !== null);
  return new ServiceError(
    'service',
    `${describe(context)} was redirected${details.length > 0 ? ` (${details.join(', ')})` : ''}, and a redirect is never ` +
      "a success: a connection sends only to the hosts that it names. Check that `server` is the endpoint of the bucket's " +
      'own region, by https where the service asks for it, and that no proxy or login page is in between.',
    { ...placeOf(context), status: isOwn ? response.status : 0, serviceCode: code, requestId },
  );
}

function placeOf({ operation, partNumber }: ResponseContext): Pick<ResponseContext, 'operation' | 'partNumber'> {
  return { operation, partNumber };
}

/** What a call is called in messages. */
export function describe({ operation, partNumber }: Pick<ResponseContext, 'operation' | 'partNumber'>): string {
  return partNumber === null ? operation : `${operation} (part ${partNumber})`;
}

/** Longer than any date or number of seconds. */
const MAX_TIME_LENGTH = 64;

/** Seconds, or a date by the service's clock, if its `Date` may be read (RFC 9110, 10.2.3). */
function retryAfterMs(response: TransportResponse, now: number): number | null {
  const header = headerOf(response, 'retry-after')?.slice(0, MAX_TIME_LENGTH).trim() ?? '';
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  if (!/^[a-z]{3,9},? /i.test(header)) return null;
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - (serverTimeOf(headerOf(response, 'date')) ?? now));
}

function serverTimeOf(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text.slice(0, MAX_TIME_LENGTH));
  return Number.isNaN(time) ? null : time;
}

import { ServiceError } from '../model/errors/service-error.js';
import type { Operation } from '../model/operation.js';
import type { TransportResponse } from '../ports/transport/transport.js';
import { isRetryable } from './service-codes.js';
import { parseXml, textOf, type XmlNode } from './xml.js';

/** Which request an answer belongs to, and when it came. */
export interface ResponseContext {
  readonly operation: Operation;
  readonly partNumber: number | null;
  /** epoch milliseconds, for a `Retry-After` that is a date */
  readonly now: number;
}

export function isSuccess(response: TransportResponse): boolean {
  return response.redirected !== true && response.status >= 200 && response.status < 300;
}

export function headerOf(response: TransportResponse, name: string): string | null {
  return response.headers[name.toLowerCase()] ?? null;
}

export function requestIdOf(response: TransportResponse): string | null {
  return headerOf(response, 'x-obs-request-id') ?? headerOf(response, 'x-amz-request-id');
}

export function versionIdOf(response: TransportResponse): string | null {
  return headerOf(response, 'x-obs-version-id') ?? headerOf(response, 'x-amz-version-id');
}

/** The named root element of a 2xx answer; anything else is a `ServiceError`. */
export function readXmlAnswer(response: TransportResponse, root: string, context: ResponseContext): XmlNode {
  const xml = parseXml(response.body);
  if (xml?.root === 'Error') throw serviceErrorOf(response, context);
  if (xml?.root !== root) throw unexpectedAnswer(response, context);
  return xml.node;
}

/** A 2xx answer that should have no body: a captive portal's page is no success. */
export function expectNoBody(response: TransportResponse, context: ResponseContext): void {
  if (response.body.trim() === '') return;
  if (parseXml(response.body)?.root === 'Error') throw serviceErrorOf(response, context);
  throw unexpectedAnswer(response, context);
}

export function unexpectedAnswer(response: TransportResponse, context: ResponseContext): ServiceError {
  return new ServiceError(
    'bad-response',
    `${describe(context)} was answered with ${response.status} and a body that is not the service's. ` +
      'A proxy or a login page of the network may stand in between.',
    { ...context, retryable: true, status: response.status, serviceCode: null, requestId: requestIdOf(response) },
  );
}

/** An error answer as a typed error: by its `<Code>`, else by its status. */
export function serviceErrorOf(response: TransportResponse, context: ResponseContext): ServiceError {
  if (isRedirect(response)) return redirectErrorOf(response, context);
  const xml = parseXml(response.body);
  const node = xml?.root === 'Error' ? xml.node : {};
  const serviceCode = short(textOf(node, 'Code'));
  const said = textOf(node, 'Message');
  return new ServiceError(
    'service',
    `${describe(context)} was refused: ${serviceCode ?? 'no code'} (HTTP ${response.status})` +
      (said ? `. The service says: ${presentable(said)}` : '.') +
      adviceFor(serviceCode),
    {
      ...context,
      retryable: isRetryable(serviceCode, response.status),
      status: response.status,
      serviceCode,
      requestId: short(textOf(node, 'RequestId') ?? requestIdOf(response)),
      retryAfterMs: retryAfterMs(response, context.now),
      serverTime: serverTimeOf(textOf(node, 'ServerTime') ?? headerOf(response, 'date')),
    },
  );
}

/** A transport of the user's may pass on a redirect as it is. */
function isRedirect({ redirected, status }: TransportResponse): boolean {
  return redirected === true || isRedirectStatus(status);
}

function isRedirectStatus(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Final: the server would redirect again. Of a response that came from elsewhere nothing is believed, its status included. */
function redirectErrorOf(response: TransportResponse, context: ResponseContext): ServiceError {
  const isOwn = isRedirectStatus(response.status);
  const xml = isOwn ? parseXml(response.body) : null;
  const serviceCode = short(textOf(xml?.root === 'Error' ? xml.node : {}, 'Code'));
  const details = [isOwn ? `HTTP ${response.status}` : null, serviceCode].filter((detail) => detail !== null);
  return new ServiceError(
    'service',
    `${describe(context)} was redirected${details.length > 0 ? ` (${details.join(', ')})` : ''}, and a redirect is never ` +
      "a success: a connection sends only to the hosts that it names. Check that `server` is the endpoint of the bucket's " +
      'own region, by https where the service asks for it, and that no proxy or login page stands in between.',
    {
      ...context,
      status: isOwn ? response.status : 0,
      serviceCode,
      requestId: isOwn ? short(requestIdOf(response)) : null,
    },
  );
}

const advice: Readonly<Record<string, string>> = {
  AccessDenied: ' Check that the keys may do this on this bucket and key.',
  SignatureDoesNotMatch: ' Check the secret key, and that nothing between changes the request.',
  InvalidAccessKeyId: ' Check the access key; temporary keys may have expired.',
  ExpiredToken: ' The temporary keys have expired: get new ones.',
  RequestTimeTooSkewed: ' The clock of this machine is off, or a presigned URL has expired.',
  NoSuchBucket: ' Check the bucket name and the region of the server.',
  EntityTooSmall: ' All parts but the last must be larger: raise partSize (5 MiB on most S3-compatible stores).',
  AccessForbidden: " The bucket's CORS rule does not allow this origin, method or header.",
  VirtualHostDomainRequired: " Use addressing: 'virtual-hosted'.",
};

function adviceFor(code: string | null): string {
  return code !== null && Object.hasOwn(advice, code) ? (advice[code] ?? '') : '';
}

function describe({ operation, partNumber }: ResponseContext): string {
  return partNumber === null ? operation : `${operation} (part ${partNumber})`;
}

/** No real code or id is longer. */
function short(text: string | null): string | null {
  return text === null ? null : text.slice(0, 256);
}

/** A service's own words, short and on one line; what looks like a signature or a token is taken out. */
function presentable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/((?:signature|token|authorization|credential|secret)[\w-]*\s*[=:]\s*)[^\s&]+/gi, '$1…')
    .slice(0, 300);
}

/** Seconds, or a date by the service's own clock, which its `Date` tells where it may be read (RFC 9110, 10.2.3). */
function retryAfterMs(response: TransportResponse, now: number): number | null {
  const header = headerOf(response, 'retry-after')?.trim() ?? '';
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  if (!/^[a-z]{3,9},? /i.test(header)) return null;
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - (serverTimeOf(headerOf(response, 'date')) ?? now));
}

function serverTimeOf(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

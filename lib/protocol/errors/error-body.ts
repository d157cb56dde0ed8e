import type { TransportResponse } from '../../ports/transport/transport.js';
import { MAX_ID_LENGTH, requestIdOf } from '../response/response-headers.js';
import { presentable, type SentRequest } from './sent-values.js';
import { parseXml, textOf, type XmlNode } from '../xml.js';

/** The contents of an error response, safe to show: short, without control characters or secrets of the request. */
export interface ErrorBody {
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly hostId: string | null;
  /** As it stands; AWS gives it with RequestTimeTooSkewed. */
  readonly serverTime: string | null;
}

const MAX_MESSAGE_LENGTH = 300;

/** @param sent - the request that the response belongs to: its secrets are removed */
export function errorBodyOf(response: TransportResponse, sent?: SentRequest): ErrorBody {
  const node = errorNodeOf(response) ?? {};
  const shown = (text: string | null, length = MAX_ID_LENGTH): string | null =>
    text === null ? null : presentable(text, length, sent) || null;
  return {
    code: shown(textOf(node, 'Code')),
    message: shown(textOf(node, 'Message'), MAX_MESSAGE_LENGTH),
    requestId: shown(textOf(node, 'RequestId')) ?? shown(requestIdOf(response)),
    hostId: shown(textOf(node, 'HostId')),
    serverTime: textOf(node, 'ServerTime'),
  };
}

/** Whether the body is an error, regardless of the status. */
export function hasError(response: TransportResponse): boolean {
  return errorNodeOf(response) !== null;
}

/** Errors are parsed even with control characters in them: the code counts, however damaged the message is. */
function errorNodeOf({ body }: TransportResponse): XmlNode | null {
  if (!body.includes('Error')) return null;
  const xml = parseXml(body.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' '));
  return xml?.root === 'Error' ? xml.node : null;
}

import type { ServerResponse } from 'node:http';
import type { Answer } from '../../fake-obs/response/answer.js';

/** Types that a browser shows without running anything in them. */
const shown = /^(?:image\/(?!svg)[\w.-]+|audio\/[\w.-]+|video\/[\w.-]+|text\/plain)(?:;|$)/i;

/**
 * An object may be opened at the origin of a page that holds credentials, such as that of `npm start`: what runs in it
 * gets an origin of its own, and the object is never sniffed as another type.
 */
export function isolate(response: ServerResponse): void {
  response.setHeader('content-security-policy', 'sandbox');
  response.setHeader('x-content-type-options', 'nosniff');
}

/** What is neither picture, sound, film nor plain text is downloaded, as OBS does at its own host names. */
export function dispositionOf({ bytes, headers }: Answer): Readonly<Record<string, string>> {
  const disposition = headers['content-disposition'] ?? '';
  if (bytes === null || shown.test(headers['content-type'] ?? '') || /^attachment(?:;|$)/i.test(disposition)) return {};
  return { 'content-disposition': 'attachment' };
}

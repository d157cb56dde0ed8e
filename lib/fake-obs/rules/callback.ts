import { errorAnswer, type Answer } from '../response/answer.js';
import type { CallbackRequest } from '../state/config.js';
import type { Context } from '../context.js';
import { Refusal } from '../response/refusal.js';
import { extensionOf, type RequestHead } from '../request/request.js';

/**
 * Reads `x-obs-callback`; null without it.
 * @throws {@link Refusal} InvalidArgument unless it is the Base64 of JSON with callbackUrl and callbackBody
 */
export function readCallback(request: RequestHead): CallbackRequest | null {
  const header = extensionOf(request, 'callback');
  if (header === null) return null;
  const fields = decode(header);
  const { callbackUrl, callbackBody, callbackHost, callbackBodyType } = fields;
  if (
    typeof callbackUrl !== 'string' ||
    typeof callbackBody !== 'string' ||
    callbackUrl === '' ||
    callbackBody === ''
  ) {
    throw new Refusal('InvalidArgument', 'The callback needs callbackUrl and callbackBody.');
  }
  const urls = callbackUrl.split(';');
  if (urls.length > 10) throw new Refusal('InvalidArgument', 'The callback takes at most 10 URLs.');
  return {
    urls,
    body: callbackBody,
    host: typeof callbackHost === 'string' ? callbackHost : null,
    bodyType: typeof callbackBodyType === 'string' ? callbackBodyType : null,
  };
}

function decode(header: string): Record<string, unknown> {
  try {
    const escaped = atob(header).replace(/[^]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
    const value: unknown = JSON.parse(decodeURIComponent(escaped));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw new Refusal('InvalidArgument', 'The callback is not the Base64 of JSON.');
}

/** The callback's response instead of the operation's: 203 if the object is stored but the callback failed. */
export function answerCallback(answer: Answer, { config, request }: Context): Answer {
  const callback = readCallback(request);
  if (callback === null) return answer;
  const body = config.callback(callback);
  if (body !== null)
    return { ...answer, headers: { ...answer.headers, 'content-type': 'application/json' }, text: body };
  const failed = errorAnswer({ code: 'CallbackFailed', status: 203 }, request.rawPath, config.newId());
  return { ...failed, headers: { ...answer.headers, ...failed.headers } };
}

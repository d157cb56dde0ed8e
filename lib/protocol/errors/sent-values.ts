import { cleanText, hideSecrets } from '../../model/errors/clean-text.js';
import { fromBase64, toBase64, toHex, utf8 } from '../../bytes.js';
import { escapeXml } from '../plain-xml.js';

/** A request as it was sent: a response may quote it. */
export interface SentRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const secretNames =
  /auth|token|secret|signature|^sig$|credential|access-?key-?id|accessid|password|cookie|customer-key|^q-ak$|policy/i;

/** Shorter values occur in ordinary text. */
const MIN_LENGTH = 4;
/** A service may quote only the beginning of a value. */
const HEAD_LENGTH = 16;

/** The secret values of a signed request: credentials, signatures, tokens, customer keys. */
export function secretsOf({ url, headers }: SentRequest): readonly string[] {
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!secretNames.test(name)) continue;
    secrets.push(value);
    if (/authorization/i.test(name)) secrets.push(...partsOfAuthorization(value));
  }
  for (const [name, value] of new URLSearchParams(queryOf(url).replace(/\+/g, '%2B'))) {
    if (secretNames.test(name)) secrets.push(value, ...accessKeyOf(name, value));
  }
  return secrets.filter(({ length }) => length >= MIN_LENGTH);
}

/** Removes the values from a text of the service, in all usual encodings. */
export function redact(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text;
  const heads = new Set(secrets.flatMap(formsOf).map(headOf));
  const longestFirst = [...heads].sort((a, b) => b.length - a.length);
  // eslint-disable-next-line no-restricted-globals -- alternatives of escaped text alone
  return text.replace(new RegExp(longestFirst.join('|'), 'gi'), '…');
}

/**
 * A text of the service for people: short, on one line, without secrets of the request.
 * @param length - characters
 */
export function presentable(text: string, length: number, sent: SentRequest | undefined): string {
  const ahead = cleanText(text, 4 * length);
  const redacted = hideSecrets(redact(ahead, sent === undefined ? [] : secretsOf(sent)));
  // The truncated text may end with the beginning of a value.
  return (text.length > 4 * length ? redacted.slice(0, -HEAD_LENGTH) : redacted).slice(0, length);
}

/** `OBS AK:signature`, `AWS4-HMAC-SHA256 Credential=AK/…, SignedHeaders=…, Signature=…`, `Bearer token` */
function partsOfAuthorization(authorization: string): string[] {
  return authorization
    .split(/[\s,]+/)
    .slice(1)
    .filter((word) => !word.startsWith('SignedHeaders='))
    .flatMap((word) => {
      const [, name = '', value = word] = /^(Credential|Signature)=(.*)$/.exec(word) ?? [];
      return [value, ...value.split(':'), ...accessKeyOf(name, value)];
    });
}

/** A credential of v4 is the access key with its scope. */
function accessKeyOf(name: string, value: string): string[] {
  return /credential/i.test(name) ? value.split('/', 1) : [];
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}

function formsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret);
  const base64 = toBase64(utf8(secret));
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    encoded,
    encodeURIComponent(encoded),
    base64.replace(/={1,2}$/, ''),
    toHex(utf8(secret)),
    escapeXml(secret),
    json,
    json.replaceAll('/', '\\/'),
    secret.replaceAll('+', ' '),
    secret
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
    ...bytesForms(secret),
  ].filter(({ length }) => length >= MIN_LENGTH);
}

/** Of a key in base64, the bytes themselves in hexadecimal. */
function bytesForms(secret: string): string[] {
  if (!/^[A-Za-z0-9+/]{20,128}={0,2}$/.test(secret)) return [];
  try {
    return [toHex(fromBase64(secret))];
  } catch {
    return [];
  }
}

/** Matches the value, or its beginning and what follows without a gap. */
function headOf(form: string): string {
  const head = form.slice(0, HEAD_LENGTH).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return form.length > HEAD_LENGTH ? `${head}[^\\s"'<>,;]*` : head;
}

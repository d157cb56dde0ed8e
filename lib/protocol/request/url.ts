/** null if it is not an absolute URL. (`URL.canParse` is too new.) */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** A loop, since a regular expression anchored only at the end takes quadratic time on a run of slashes. */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}

/** Percent-encodes all but RFC 3986's unreserved characters. */
export function encodeStrict(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A key as in a URL and in the signed resource: slashes are not encoded. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeStrict).join('/');
}

/** As the official SDK does: a percent sign is encoded too, so that decoding returns the value. */
export function encodeMetadata(value: string): string {
  return encodeHeaderValue(value.replaceAll('%', '%25'));
}

/** Header values are ASCII: other characters are percent-encoded as UTF-8, the rest stays readable. */
export function encodeHeaderValue(value: string): string {
  return value.replace(/[^\u0020-\u007e]+/gu, (run) => encodeURIComponent(run));
}

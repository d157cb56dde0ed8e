import { utf8 } from '../../bytes.js';
/** Decodes percent-encoded UTF-8; null where it is none. */
export function percentDecode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Encodes all but RFC 3986's unreserved characters, as UTF-8. */
export function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of utf8(text)) {
    const char = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-_.~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

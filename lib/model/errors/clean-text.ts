/** Control, format (bidirectional ones too) and surrogate characters: terminals and logs act on them. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** Bounds in every repetition: these expressions read text that anyone may have written. */
const schemes = /\b(?:OBS|AWS|Bearer|Basic|AWS4-HMAC-SHA256)\s{1,4}(?=[^\s,]{0,512}[:=]|[^\s,]{16})[^\s"'<>]{1,512}/gi;
const named =
  /((?:signature|token|authorization|credential|secret|password|customer-key)[\w-]{0,32}["']?\s{0,4}[=:]\s{0,4}["']?)(?!OBS\b|AWS|Bearer\b|Basic\b)[^\s&"'<>]{1,8192}/gi;

/** External text on one line, at most `length` characters. Truncated before it is processed. */
export function cleanText(text: string, length: number): string {
  return text.slice(0, length).replace(/\s+/g, ' ').replace(unprintable, '').trim();
}

/** Removes values in the places of secrets, whatever they are. */
export function hideSecrets(text: string): string {
  return text.replace(schemes, '…').replace(named, '$1…');
}

/** A text with a full stop at its end, unless it ends a sentence already. */
export function asSentence(text: string): string {
  return /[.!?…。！？]["')]?$/.test(text) ? text : `${text}.`;
}

/** The API's deepest response has five levels; a parser's work grows with depth. */
const MAX_DEPTH = 16;

/** White space is that of XML: `\s` has characters that a name may have too, which takes quadratic time to tell apart. */
const pieces =
  /<\/(?<closed>[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*)[ \t\r\n]*>|<(?<opened>[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*)(?<attributes>(?:[ \t\r\n]+[\w:.-]+[ \t\r\n]*=[ \t\r\n]*(?:"[^<"]*"|'[^<']*'))*)[ \t\r\n]*(?<empty>\/?)>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[(?<data>[\s\S]*?)\]\]>|(?<text>[^<]+)/gy;

/** C0 controls and the two non-characters that XML excludes. */
const noCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * A document reduced to elements and text, or null if it is not well-formed or has what no store sends: a document
 * type, its own entities, excessive depth. Parsers are more lenient, and might read an upload id from a damaged
 * response.
 */
export function plainXml(document: string): string | null {
  const text = document.replace(/^\ufeff/, '').trim();
  if (noCharacter.test(text)) return null;
  const open: string[] = [];
  const plain: string[] = [];
  let read = 0;
  let roots = 0;
  for (const { 0: piece, groups = {} } of text.matchAll(pieces)) {
    const { opened, attributes, empty, closed, data, text: content } = groups;
    read += piece.length;
    const characters = content ?? data;
    if (opened !== undefined) {
      if (open.length === 0) roots++;
      if (!hasKnownReferences(attributes ?? '') || open.length === MAX_DEPTH) return null;
      if (empty === '') open.push(opened);
      plain.push(`<${opened}${empty ?? ''}>`);
    } else if (closed !== undefined) {
      if (open.pop() !== closed) return null;
      plain.push(`</${closed}>`);
    } else if (characters !== undefined) {
      if (open.length === 0 && (data !== undefined || characters.trim() !== '')) return null;
      if (content !== undefined && !hasKnownReferences(content)) return null;
      if (open.length > 0) plain.push(data === undefined ? characters : escapeXml(data));
    }
  }
  return read === text.length && open.length === 0 && roots === 1 ? plain.join('') : null;
}

/** Escapes text for an element's content. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : '&quot;'));
}

const references = /&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,8})|(amp|lt|gt|quot|apos));/g;
const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Resolves character references and the five predefined entities. */
export function unescapeXml(text: string): string {
  return text.replace(references, (reference, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return predefined[name] ?? reference;
    return String.fromCodePoint(Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16));
  });
}

/**
 * Whether each ampersand begins a reference to a character. Stores refer to control characters too, which XML 1.0 does
 * not know: keys may have them.
 */
function hasKnownReferences(text: string): boolean {
  if (!text.includes('&')) return true;
  for (const [, hex, decimal] of text.matchAll(references)) {
    const digits = hex ?? decimal;
    if (digits !== undefined && !isCharacter(Number.parseInt(digits, hex === undefined ? 10 : 16))) return false;
  }
  return !text.replace(references, '').includes('&');
}

function isCharacter(code: number): boolean {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

/** XML that is written already, so that it is not escaped again. */
export interface Xml {
  readonly xml: string;
}

export type XmlContent = string | number | boolean | Xml | readonly Xml[];

/** One element; text is escaped. */
export function element(name: string, content: XmlContent = '', attributes = ''): Xml {
  return { xml: `<${name}${attributes}>${write(content)}</${name}>` };
}

/** Several elements in a row; null ones are left out. */
export function elements(fields: Readonly<Record<string, XmlContent | null>>): readonly Xml[] {
  const written: Xml[] = [];
  for (const [name, content] of Object.entries(fields)) if (content !== null) written.push(element(name, content));
  return written;
}

export const XML_PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export function xmlDocument(root: Xml): string {
  return XML_PROLOG + root.xml;
}

/** A document as its declaration and the rest: spaces may stand between them, but not before. */
export function splitProlog(text: string): readonly [prolog: string, rest: string] {
  const prolog = /^<\?xml[^>]*\?>\n?/.exec(text)?.[0] ?? '';
  return [prolog, text.slice(prolog.length)];
}

function write(content: XmlContent): string {
  if (typeof content !== 'object') return escapeXml(String(content));
  return 'xml' in content ? content.xml : content.map((part) => part.xml).join('');
}

/** Characters that XML 1.0 cannot hold become U+FFFD, as nothing else can be done with them there. */
function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#13;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

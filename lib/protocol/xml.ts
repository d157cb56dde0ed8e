import type { XMLParser } from 'fast-xml-parser';
// The parser alone: with the package's own entry comes its writer, 2 kB that nothing here needs.
// @ts-expect-error -- it has types under that entry's name only
import Parser from 'fast-xml-parser/src/xmlparser/XMLParser.js';
import { utf8 } from '../ports/hash/bytes.js';

/** A parsed element: text, or children by name. `Part` and `Upload` are always lists. */
export type XmlElement = string | XmlNode;
export interface XmlNode {
  readonly [name: string]: XmlElement | readonly XmlElement[] | undefined;
}

/**
 * Reads an answer. Tags are taken without their namespace prefix, values stay text (a 32-digit upload id is no
 * number), entities are left to {@link decode}, so that no answer can expand into a bomb.
 * Gives null for what is no XML.
 */
export function parseXml(text: string): { readonly root: string; readonly node: XmlNode } | null {
  const parser = new (Parser as typeof XMLParser)({
    ignoreAttributes: true,
    processEntities: false,
    parseTagValue: false,
    trimValues: false,
    removeNSPrefix: true,
    isArray: (name) => name === 'Part' || name === 'Upload',
  });
  let parsed: unknown;
  try {
    parsed = parser.parse(text.trim());
  } catch {
    // It throws a TypeError on input such as `<a<a`.
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const root = Object.keys(parsed).find((name) => !name.startsWith('?') && !name.startsWith('#'));
  if (root === undefined) return null;
  const node = (parsed as XmlNode)[root];
  return { root, node: typeof node === 'object' && !Array.isArray(node) ? (node as XmlNode) : {} };
}

/** The decoded text of a child, null where there is none. */
export function textOf(node: XmlNode, name: string): string | null {
  const child = Object.hasOwn(node, name) ? node[name] : undefined;
  return typeof child === 'string' ? decode(child) : null;
}

export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  const child = Object.hasOwn(node, name) ? node[name] : undefined;
  return Array.isArray(child) ? child.filter((item): item is XmlNode => typeof item === 'object') : [];
}

const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));/gi,
    (whole: string, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(predefined, name) ? (predefined[name] ?? whole) : whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      return isCharacter ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Escapes text for an element's content. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : '&quot;'));
}

/** As bytes, because browsers add a charset to the Content-Type of text, and the type is signed. */
export function xmlBody(text: string): Uint8Array {
  return utf8(text);
}

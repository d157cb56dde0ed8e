import type { XMLParser } from 'fast-xml-parser';
// Only the parser: the package's main entry includes its writer, 2 kB that are not needed here.
// @ts-expect-error -- only the main entry has types
import Parser from 'fast-xml-parser/src/xmlparser/XMLParser.js';
import { utf8 } from '../ports/hash/bytes.js';
import { plainXml, unescapeXml } from './plain-xml.js';

/** A parsed element: text, or children by name. `Part` and `Upload` are always lists. */
export type XmlElement = string | XmlNode;
export interface XmlNode {
  readonly [name: string]: XmlElement | readonly XmlElement[] | undefined;
}

/** A page of 1,000 parts takes about 250 kB; a custom transport may deliver anything. */
const MAX_LENGTH = 4 * 1024 * 1024;

/**
 * Parses a response, ignoring namespace prefixes and attributes; values stay strings (a 32-digit upload id is not a
 * number). Returns null if it is not well-formed XML.
 */
export function parseXml(text: string): { readonly root: string; readonly node: XmlNode } | null {
  const plain = text.length > MAX_LENGTH ? null : plainXml(text);
  if (plain === null) return null;
  const parser = new (Parser as typeof XMLParser)({
    ignoreAttributes: true,
    processEntities: false,
    parseTagValue: false,
    trimValues: false,
    removeNSPrefix: true,
    isArray: (name) => name === 'Part' || name === 'Upload',
  });
  const [entry] = Object.entries(parser.parse(plain) as XmlNode);
  if (entry === undefined) return null;
  const [root, node] = entry;
  return { root, node: typeof node === 'object' && !Array.isArray(node) ? (node as XmlNode) : {} };
}

/** The decoded text of a child; null if there is none. */
export function textOf(node: XmlNode, name: string): string | null {
  const child = Object.hasOwn(node, name) ? node[name] : undefined;
  return typeof child === 'string' ? unescapeXml(child) : null;
}

export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  const child = Object.hasOwn(node, name) ? node[name] : undefined;
  // An element without children is a string.
  return Array.isArray(child) ? child.map((item: XmlElement) => (typeof item === 'string' ? {} : item)) : [];
}

/** An integer in decimal digits from `min` to `max`; null if there is none. */
export function integerOf(node: XmlNode, name: string, min: number, max: number): number | null {
  const digits = textOf(node, name)?.trim() ?? '';
  const value = /^[0-9]{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  return value >= min && value <= max ? value : null;
}

/** Stores write booleans in upper or lower case. */
export function isTrue(node: XmlNode, name: string): boolean {
  return textOf(node, name)?.trim().toLowerCase() === 'true';
}

/** As bytes, because browsers add a charset to the Content-Type of text, and the type is signed. */
export function xmlBody(text: string): Uint8Array {
  return utf8(text);
}

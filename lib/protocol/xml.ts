import type { X2jOptions } from 'fast-xml-parser';
// The parser in its parts: the package's entry includes a writer, and its parser a validator; `plainXml` is stricter.
// @ts-expect-error -- only the main entry has types
import nodeToJson from 'fast-xml-parser/src/xmlparser/node2json.js';
// @ts-expect-error -- only the main entry has types
import optionsBuilder from 'fast-xml-parser/src/xmlparser/OptionsBuilder.js';
// @ts-expect-error -- only the main entry has types
import OrderedObjParser from 'fast-xml-parser/src/xmlparser/OrderedObjParser.js';
import { utf8 } from '../bytes.js';
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
  const [entry] = Object.entries(parsed(plain));
  if (entry === undefined) return null;
  const [root, node] = entry;
  return { root, node: typeof node === 'object' && !Array.isArray(node) ? (node as XmlNode) : {} };
}

const options: X2jOptions = {
  ignoreAttributes: true,
  processEntities: false,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  isArray: (name) => name === 'Part' || name === 'Upload',
};

/** What `XMLParser` of fast-xml-parser does, without its validator. */
function parsed(text: string): XmlNode {
  const { buildOptions } = optionsBuilder as { readonly buildOptions: (options: X2jOptions) => object };
  const { prettify } = nodeToJson as { readonly prettify: (nodes: unknown, options: object) => XmlNode };
  const Parser = OrderedObjParser as new (options: object) => { readonly parseXml: (text: string) => unknown };
  const all = buildOptions(options);
  return prettify(new Parser(all).parseXml(text), all);
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

import { XMLParser } from 'fast-xml-parser';

/** The part of a DOM that the official SDK uses. */
interface DomNode {
  readonly nodeType: 1 | 3 | 9;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly attributes: DomList;
  readonly childNodes: DomList;
  hasChildNodes(): boolean;
}

interface DomList {
  readonly length: number;
  item(index: number): unknown;
}

type Ordered = Readonly<Record<string, unknown>>;

/** A DOMParser for the responses of the service. */
export class XmlDomParser {
  parseFromString(xml: string): DomNode {
    const parser = new XMLParser({ preserveOrder: true, parseTagValue: false, trimValues: false });
    const roots = (parser.parse(xml) as Ordered[]).filter((root) => !('?xml' in root) && !('#text' in root));
    return node(9, '#document', null, roots.map(toNode));
  }
}

function toNode(ordered: Ordered): DomNode {
  const [name = '', content] = Object.entries(ordered).find(([key]) => key !== ':@') ?? [];
  return name === '#text'
    ? node(3, '#text', String(content), [])
    : node(1, name, null, (content as Ordered[]).map(toNode));
}

function node(
  nodeType: DomNode['nodeType'],
  nodeName: string,
  nodeValue: string | null,
  children: readonly DomNode[],
): DomNode {
  return {
    nodeType,
    nodeName,
    nodeValue,
    attributes: listOf([]),
    childNodes: listOf(children),
    hasChildNodes: () => children.length > 0,
  };
}

function listOf(items: readonly unknown[]): DomList {
  return { length: items.length, item: (index) => items[index] };
}

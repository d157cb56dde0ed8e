import { checksumNames, elementOf, type ChecksumName } from '../state/checksum.js';
import { Refusal } from '../response/refusal.js';

/** One part of the list that completes an upload. */
export interface ListedPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  /** As S3 lists it; absent where none is listed. */
  readonly checksum?: { readonly name: ChecksumName; readonly text: string };
}

const root = /^\s*(?:<\?xml[^>]*\?>\s*)?<CompleteMultipartUpload(?:\s[^<>]*)?>([^]*)<\/CompleteMultipartUpload>\s*$/;
const part = /\s*<Part>\s*((?:<([A-Za-z0-9]+)>[^<]*<\/\2>\s*)*)<\/Part>\s*/y;
const field = /<([A-Za-z0-9]+)>([^<]*)<\//g;
const entities: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };

/**
 * Reads the body of complete.
 * @throws {@link Refusal} MalformedXML
 */
export function readComplete(xml: string): readonly ListedPart[] {
  const body = root.exec(xml)?.[1];
  if (body === undefined) throw new Refusal('MalformedXML');
  const parts: ListedPart[] = [];
  part.lastIndex = 0;
  for (let at = 0; at < body.length; at = part.lastIndex) {
    part.lastIndex = at;
    const content = part.exec(body)?.[1];
    if (content === undefined) throw new Refusal('MalformedXML');
    parts.push(readPart(content));
  }
  if (parts.length === 0 || parts.length > 10_000) throw new Refusal('MalformedXML');
  return parts;
}

function readPart(content: string): ListedPart {
  const fields = new Map<string, string>();
  for (const [, name = '', text = ''] of content.matchAll(field)) fields.set(name, decode(text).trim());
  const partNumber = fields.get('PartNumber') ?? '';
  const etag = fields.get('ETag');
  if (!/^\d{1,9}$/.test(partNumber) || etag === undefined) throw new Refusal('MalformedXML');
  const name = checksumNames.find((known) => fields.has(elementOf(known)));
  const checksum = name === undefined ? {} : { checksum: { name, text: fields.get(elementOf(name)) ?? '' } };
  return { partNumber: Number(partNumber), etag: etag.replace(/^"(.*)"$/, '$1'), ...checksum };
}

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16) & 0xffff);
  });
}

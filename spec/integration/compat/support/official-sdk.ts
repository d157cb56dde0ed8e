import { readFileSync } from 'node:fs';
import { XmlDomParser } from './dom-parser.js';
import { NodeXmlHttpRequest } from './xml-http-request.js';

/** The callback API of both; the official SDK has no types. */
export type AnyCall = (params: object, callback: (error: unknown, result: unknown) => void) => void;
export type AnyClient = Readonly<Record<string, AnyCall>>;

/**
 * Loads the official SDK's browser bundle into this process, with only the globals of a page that it uses. It has two
 * ways to send requests, of which only `useRawXhr` reports network errors.
 */
export function loadOfficialSdk(): new (options: object) => AnyClient {
  const page: Record<string, unknown> = {
    XMLHttpRequest: NodeXmlHttpRequest,
    File,
    Blob,
    FileReader: BlobReader,
    DOMParser: XmlDomParser,
    btoa,
    console: { ...console, warn: () => undefined },
    navigator: { userAgent: 'spec' },
    location: { href: 'http://page.test/' },
    document: { createElement: () => ({ setAttribute: () => undefined }) },
  };
  page.window = page;
  page.self = page;
  const bundle = 'esdk-obs-browserjs/dist/@cloud/esdk-obs-browserjs-without-polyfill.3.25.6.min.js';
  const code = readFileSync(require.resolve(bundle), 'utf8');
  const names = Object.keys(page);
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call
  new Function(...names, 'module', 'exports', 'define', code)(...names.map((name) => page[name]));
  return page.ObsClient as new (options: object) => AnyClient;
}

/** The FileReader with which the SDK reads a part for its MD5. */
class BlobReader {
  onload: ((event: { readonly target: { readonly result: ArrayBuffer } }) => void) | null = null;
  onerror: ((error: unknown) => void) | null = null;

  readAsArrayBuffer(blob: Blob): void {
    blob.arrayBuffer().then(
      (result) => this.onload?.({ target: { result } }),
      (error: unknown) => this.onerror?.(error),
    );
  }
}

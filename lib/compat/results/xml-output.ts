import { textOf, type XmlNode } from '../../protocol/xml.js';
import type { AccountOutput } from '../model/multipart.js';

/** Children by the official SDK's names, which are the service's own; absent ones are left out. */
export function textOutput<N extends string>(node: XmlNode, ...names: readonly N[]): Partial<Record<N, string>> {
  const output: Partial<Record<N, string>> = {};
  for (const name of names) {
    const text = textOf(node, name);
    if (text !== null && text !== '') output[name] = text;
  }
  return output;
}

export function accountsOutput(node: XmlNode): { readonly Initiator: AccountOutput; readonly Owner: AccountOutput } {
  const account = (name: string): AccountOutput => textOutput(childOf(node, name), 'ID');
  return { Initiator: account('Initiator'), Owner: account('Owner') };
}

/** One child or several. */
export function nodesOf(node: XmlNode, name: string): readonly XmlNode[] {
  const child = node[name];
  const children = Array.isArray(child) ? child : [child];
  return children.filter((item): item is XmlNode => typeof item === 'object' && item !== null);
}

function childOf(node: XmlNode, name: string): XmlNode {
  return nodesOf(node, name)[0] ?? {};
}

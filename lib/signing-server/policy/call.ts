import { Refusal } from '../refusal.js';
import { decode } from './target.js';

/** The calls that are signed; all others are refused. */
export type CallName = 'initiate' | 'part' | 'list-parts' | 'complete' | 'abort' | 'put' | 'head';

export interface SignableCall {
  readonly name: CallName;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  /** Decoded; null stands for a parameter without a value. */
  readonly query: Readonly<Record<string, string | null>>;
  readonly uploadId: string | null;
}

interface Rule extends Pick<SignableCall, 'name' | 'method'> {
  /** Exactly these parameters. */
  readonly query: readonly string[];
}

const rules: readonly Rule[] = [
  { name: 'initiate', method: 'POST', query: ['uploads'] },
  { name: 'part', method: 'PUT', query: ['partNumber', 'uploadId'] },
  { name: 'list-parts', method: 'GET', query: ['max-parts', 'part-number-marker', 'uploadId'] },
  { name: 'complete', method: 'POST', query: ['uploadId'] },
  { name: 'abort', method: 'DELETE', query: ['uploadId'] },
  { name: 'put', method: 'PUT', query: [] },
  { name: 'head', method: 'HEAD', query: [] },
];

const values: Readonly<Record<string, RegExp>> = {
  uploads: /^$/,
  partNumber: /^(?:[1-9]\d{0,3}|10000)$/,
  uploadId: /^[^\u0000-\u001f\u007f]{1,1024}$/,
  'max-parts': /^\d{1,4}$/,
  'part-number-marker': /^\d{1,5}$/,
};

/** @throws Refusal for anything but the calls of an upload */
export function callOf(method: string, rawQuery: string): SignableCall {
  const query = parametersOf(rawQuery);
  const names = [...query.keys()].sort().join();
  const rule = rules.find((candidate) => candidate.method === method && candidate.query.join() === names);
  if (rule === undefined) throw new Refusal('Only the calls of an upload are signed.');
  for (const [name, value] of query) {
    if (values[name]?.test(value ?? '') !== true) throw new Refusal(`${name} is not valid.`, 400);
  }
  return {
    name: rule.name,
    method: rule.method,
    query: Object.fromEntries(query),
    uploadId: query.get('uploadId') ?? null,
  };
}

function parametersOf(rawQuery: string): Map<string, string | null> {
  const query = new Map<string, string | null>();
  for (const parameter of rawQuery === '' ? [] : rawQuery.split('&')) {
    const [name = '', ...value] = parameter.split('=');
    if (query.has(decode(name))) throw new Refusal('The query has the same parameter twice.', 400);
    query.set(decode(name), value.length === 0 ? null : decode(value.join('=')));
  }
  return query;
}

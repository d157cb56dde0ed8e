import { hostNameOf, isElsewhere, resolveAddress, type KnownHosts } from './address.js';
import { percentDecode } from './percent.js';
import { Refusal } from '../response/refusal.js';
import { parameterOf, type ObsRequest, type QueryParameter, type RequestHead } from './request.js';
import { route } from './route.js';

/** Reads a head as far as it goes; what is wrong with it stands in `problem`, so that it can be logged first. */
export function readRequest(
  head: RequestHead,
  hosts: KnownHosts & { readonly requiresVirtualHost: boolean },
): ObsRequest {
  const [rawPath, rawQuery] = splitOnce(head.target, '?');
  const hostName = hostNameOf(head.host);
  const query = parseQuery(rawQuery ?? '');
  const address = resolveAddress(hostName, rawPath === '' ? '/' : rawPath, hosts);
  const hasKey = address.rawKey !== '';
  const unreadable = query === null || (hasKey && address.key === null);
  const request = {
    ...head,
    hostName,
    rawPath,
    query: query ?? [],
    bucket: address.bucket,
    key: address.key,
    resource: address.resource,
  };
  const partNumber = parameterOf(request, 'partNumber');
  return {
    ...request,
    uploadId: parameterOf(request, 'uploadId'),
    partNumber: partNumber !== null && /^\d{1,9}$/.test(partNumber) ? Number(partNumber) : null,
    ...decide(() => {
      if (isElsewhere(request.rawPath, address.style, hosts)) throw new Refusal('NoSuchKey');
      const operation = route(head.method, address.bucket, hasKey, request);
      if (unreadable) throw new Refusal('InvalidURI');
      if (
        hosts.requiresVirtualHost &&
        address.style === 'path' &&
        address.bucket !== null &&
        operation !== 'preflight'
      ) {
        throw new Refusal('VirtualHostDomainRequired');
      }
      return operation;
    }),
  };
}

function decide(operationOf: () => ObsRequest['operation']): Pick<ObsRequest, 'operation' | 'problem'> {
  try {
    return { operation: operationOf(), problem: null };
  } catch (error) {
    if (error instanceof Refusal) return { operation: null, problem: error };
    throw error;
  }
}

/** A `+` in a query is a plus sign here, never a space: OBS signs it so. */
function parseQuery(text: string): readonly QueryParameter[] | null {
  const query: QueryParameter[] = [];
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const [rawName, rawValue] = splitOnce(pair, '=');
    const name = percentDecode(rawName);
    const value = rawValue === null ? null : percentDecode(rawValue);
    if (name === null || (rawValue !== null && value === null)) return null;
    query.push([name, value]);
  }
  return query;
}

function splitOnce(text: string, separator: string): readonly [string, string | null] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

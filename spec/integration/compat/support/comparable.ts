import type { ObsServer } from 'rx-obs-upload/server';
import type { UploadFileEventParam } from 'rx-obs-upload/compat';

/**
 * Makes what a call reported comparable: replaces the ids and addresses of this run and all errors by placeholders, and
 * reduces a response to what both report: the official SDK also passes on the length and date of the HTTP response, and
 * everything in the XML of an error, such as the string to sign.
 */
export function withoutThisRun(value: unknown, server: ObsServer, uploadId?: string): unknown {
  const comparable = (item: unknown): unknown => {
    if (item instanceof Error) return 'an Error';
    if (typeof item === 'string') return withPlaceholders(item, server, uploadId);
    if (typeof item !== 'object' || item === null) return item;
    if (Array.isArray(item)) return item.map(comparable);
    return Object.fromEntries(
      Object.entries(item)
        .filter(([name, field]) => field !== undefined && field !== null && !httpFields.has(name))
        .map(([name, field]) => [name, idNames.has(name) ? idPlaceholder(field) : comparable(field)]),
    );
  };
  if (!isResult(value)) return comparable(value);
  const { Status, Code, Message, HostId, RequestId } = value.CommonMsg;
  return comparable({ ...value, CommonMsg: { Status, Code, Message, HostId, RequestId } });
}

/** Sorts events of the same type by part number, because concurrent parts complete in any order. */
export function inOrder<E extends readonly [type: string, param: unknown, result: unknown]>(
  events: readonly E[],
): readonly E[] {
  const partOf = (param: unknown): number => (param as UploadFileEventParam).partNumber ?? 0;
  return [...events].sort(([a, p], [b, q]) => (a === b ? partOf(p) - partOf(q) : 0));
}

const httpFields = new Set(['ContentLength', 'Date', 'Reserved', 'EncodingType']);
const idNames = new Set(['RequestId', 'Id2', 'HostId']);

function isResult(value: unknown): value is { readonly CommonMsg: Readonly<Record<string, unknown>> } {
  return typeof value === 'object' && value !== null && 'CommonMsg' in value;
}

function withPlaceholders(text: string, { port }: ObsServer, uploadId: string | undefined): string {
  return (uploadId === undefined ? text : text.replace(uploadId, 'THE-UPLOAD')).replace(`:${port}`, ':PORT');
}

function idPlaceholder(value: unknown): string {
  return typeof value === 'string' && value !== '' ? 'AN-ID' : String(value);
}

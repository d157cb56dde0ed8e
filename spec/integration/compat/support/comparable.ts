import type { ObsServer } from 'rx-obs-upload/server';
import type { UploadFileEventParam } from 'rx-obs-upload/compat';

/**
 * What a call reported, without what is of this one run: ids and addresses by name, of an error only that it is one. Of an
 * answer what both tell: the official SDK also passes on the HTTP answer's own length and date, and everything that
 * stands in an error's XML, such as the text that was signed.
 */
export function withoutThisRun(value: unknown, server: ObsServer, uploadId?: string): unknown {
  const comparable = (item: unknown): unknown => {
    if (item instanceof Error) return 'an Error';
    if (typeof item === 'string') return named(item, server, uploadId);
    if (typeof item !== 'object' || item === null) return item;
    if (Array.isArray(item)) return item.map(comparable);
    return Object.fromEntries(
      Object.entries(item)
        .filter(([name, field]) => field !== undefined && field !== null && !ofHttp.has(name))
        .map(([name, field]) => [name, idNames.has(name) ? idOf(field) : comparable(field)]),
    );
  };
  if (!isResult(value)) return comparable(value);
  const { Status, Code, Message, HostId, RequestId } = value.CommonMsg;
  return comparable({ ...value, CommonMsg: { Status, Code, Message, HostId, RequestId } });
}

/** Events without the order in which parts that run at once happen to end. */
export function inOrder<E extends readonly [type: string, param: unknown, result: unknown]>(
  events: readonly E[],
): readonly E[] {
  const partOf = (param: unknown): number => (param as UploadFileEventParam).partNumber ?? 0;
  return [...events].sort(([a, p], [b, q]) => (a === b ? partOf(p) - partOf(q) : 0));
}

const ofHttp = new Set(['ContentLength', 'Date', 'Reserved', 'EncodingType']);
const idNames = new Set(['RequestId', 'Id2', 'HostId']);

function isResult(value: unknown): value is { readonly CommonMsg: Readonly<Record<string, unknown>> } {
  return typeof value === 'object' && value !== null && 'CommonMsg' in value;
}

function named(text: string, { port }: ObsServer, uploadId: string | undefined): string {
  return (uploadId === undefined ? text : text.replace(uploadId, 'THE-UPLOAD')).replace(`:${port}`, ':PORT');
}

function idOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? 'AN-ID' : String(value);
}

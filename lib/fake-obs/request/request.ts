import type { Operation } from '../../model/operation.js';
import type { Refusal } from '../response/refusal.js';

/** Of the service's own headers. */
export type HeaderPrefix = 'x-obs-' | 'x-amz-';

/** What the fake OBS can do: the calls of an upload, and what people and browsers ask for besides. */
export type ObsOperation =
  | Operation
  | 'getObject'
  | 'deleteObject'
  | 'listObjects'
  | 'listBuckets'
  | 'createBucket'
  | 'headBucket'
  | 'headApiVersion'
  | 'deleteBucket'
  | 'preflight';

/** A request before its body, as it came over the wire. */
export interface RequestHead {
  /** The HTTP method. */
  readonly method: string;
  /** The Host header, with its port if it has one. */
  readonly host: string;
  /** How it came, where the service is reached in several ways. */
  readonly scheme?: 'http' | 'https' | undefined;
  /** Path and query, still encoded. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One parameter of the query, decoded; the value is null where there is no `=`. */
export type QueryParameter = readonly [name: string, value: string | null];

/** A request as the state machine reads it, whether or not it will be accepted. */
export interface ObsRequest extends RequestHead {
  /** Without port, in lower case. */
  readonly hostName: string;
  /** The path as sent. */
  readonly rawPath: string;
  /** The query's parameters, in order. */
  readonly query: readonly QueryParameter[];
  /** null if the request names none. */
  readonly bucket: string | null;
  /** null if the request names none. */
  readonly key: string | null;
  /** `/{bucket}/{encodedKey}` as it is signed by the header and query signatures of OBS. */
  readonly resource: string;
  /** null where the request is none that the fake knows */
  readonly operation: ObsOperation | null;
  /** null if the request names none. */
  readonly uploadId: string | null;
  /** null if the request names none. */
  readonly partNumber: number | null;
  /** What makes the request unreadable, else null. */
  readonly problem: Refusal | null;
}

export function headerOf(request: RequestHead, name: string): string | null {
  return request.headers[name] ?? null;
}

/** A header of OBS under the prefix of the request's dialect; those of the other dialect are removed before. */
export function extensionOf(request: RequestHead, name: string): string | null {
  return headerOf(request, `x-obs-${name}`) ?? headerOf(request, `x-amz-${name}`);
}

/** The value of a query parameter: empty where it has none, null where it is absent. */
export function parameterOf(request: { readonly query: readonly QueryParameter[] }, name: string): string | null {
  for (const [key, value] of request.query) if (key === name) return value ?? '';
  return null;
}

import type { Observable } from 'rxjs';
import type { FakeObs } from '../../../lib/testing/index.js';
import type {
  RequestBody,
  TransportEvent,
  TransportRequest,
  TransportResponse,
} from '../../../lib/ports/transport/transport.js';
import { signHeader, type Keys } from '../fake-obs/sign.js';

export interface Call {
  readonly method: TransportRequest['method'];
  /** Key and query, encoded: `a.bin?uploads`. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody | null;
  readonly bucket?: string;
  readonly keys?: Keys;
}

/** A signed, virtual-hosted request to a fake OBS. */
export function signed(
  obs: FakeObs,
  { method, target, headers, body, bucket = obs.bucket, keys }: Call,
): TransportRequest {
  const url = `${obs.server.replace('://', `://${bucket}.`)}/${target}`;
  const sent = signHeader({ method, url, ...(headers ? { headers } : {}) }, keys ?? obs.credentials, {
    now: obs.now(),
    bucket,
  });
  return { method, url, headers: sent, body: body ?? null };
}

export function send$(obs: FakeObs, call: Call): Observable<TransportEvent> {
  return obs.transport.send(signed(obs, call));
}

/** The response of a fake that responds synchronously. */
export function call(obs: FakeObs, request: Call): TransportResponse {
  return answerOf(send$(obs, request));
}

/** The response that is emitted synchronously. @throws the error that is emitted instead */
export function answerOf(events$: Observable<TransportEvent>): TransportResponse {
  const result = nowOf(events$);
  const last = result.values.at(-1);
  if (result.error !== null) throw result.error;
  if (last?.type !== 'response') throw new Error('No answer came at once.');
  return last.response;
}

/** What an observable emits synchronously. */
export function nowOf<T>(values$: Observable<T>): { readonly values: readonly T[]; readonly error: Error | null } {
  const values: T[] = [];
  const errors: Error[] = [];
  values$.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => errors.push(error instanceof Error ? error : new Error(String(error))),
  });
  return { values, error: errors[0] ?? null };
}

export function initiate(obs: FakeObs, key = 'a.bin', headers: Readonly<Record<string, string>> = {}): string {
  return textOf(call(obs, { method: 'POST', target: `${key}?uploads`, headers }).body, 'UploadId');
}

export function putPart(
  obs: FakeObs,
  uploadId: string,
  partNumber: number,
  body: RequestBody,
  key = 'a.bin',
): TransportResponse {
  return call(obs, {
    method: 'PUT',
    target: `${key}?partNumber=${partNumber}&uploadId=${encodeURIComponent(uploadId)}`,
    body,
  });
}

export function completeXml(parts: readonly (readonly [number, string])[]): Uint8Array {
  const listed = parts.map(([n, etag]) => `<Part><PartNumber>${n}</PartNumber><ETag>${etag}</ETag></Part>`).join('');
  return new TextEncoder().encode(`<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`);
}

export function complete(
  obs: FakeObs,
  uploadId: string,
  parts: readonly (readonly [number, string])[],
  key = 'a.bin',
  headers: Readonly<Record<string, string>> = {},
): TransportResponse {
  const type = { 'content-type': 'application/xml' };
  const target = `${key}?uploadId=${encodeURIComponent(uploadId)}`;
  return call(obs, { method: 'POST', target, headers: { ...type, ...headers }, body: completeXml(parts) });
}

/** The text of the first element with that name. */
export function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

export function allOf(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1] ?? '');
}

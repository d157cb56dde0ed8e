import { headerOf } from '../../protocol/response/response-headers.js';
import type { TransportResponse } from '../../ports/transport/transport.js';

/** `*` stands for the store's prefix. */
const sse = {
  SseKms: '*server-side-encryption',
  SseKmsKey: '*server-side-encryption-kms-key-id',
  SseC: '*server-side-encryption-customer-algorithm',
  SseCKeyMd5: '*server-side-encryption-customer-key-md5',
} as const;

export const partHeaders = { ETag: 'etag', ...sse } as const;

export const completeHeaders = { VersionId: '*version-id', ...sse } as const;

export const putHeaders = { ...partHeaders, VersionId: '*version-id', StorageClass: '*storage-class' } as const;

export const metadataHeaders = {
  ...putHeaders,
  ContentLength: 'content-length',
  ContentType: 'content-type',
  LastModified: 'last-modified',
  CacheControl: 'cache-control',
  ContentDisposition: 'content-disposition',
  ContentEncoding: 'content-encoding',
  ContentLanguage: 'content-language',
  WebsiteRedirectLocation: '*website-redirect-location',
  Expiration: '*expiration',
  Restore: '*restore',
  ObjectType: 'x-obs-object-type',
  NextPosition: 'x-obs-next-append-position',
  TaggingCount: '*tagging-count',
} as const;

/** The values in a response's headers, by the official SDK's names. */
export function headerOutput<N extends string>(
  response: TransportResponse | null,
  headers: Readonly<Record<N, string>>,
): Partial<Record<N, string>> {
  const output: Partial<Record<N, string>> = {};
  if (response === null) return output;
  for (const name of Object.keys(headers) as N[]) {
    const value = storeHeaderOf(response, headers[name]);
    if (value !== null) output[name] = value;
  }
  return output;
}

export function metadataOutput({ headers }: TransportResponse): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    const name = /^x-(?:obs|amz)-meta-(.+)$/.exec(header)?.[1];
    if (name !== undefined) metadata[name] = value;
  }
  return metadata;
}

/** The response of the server at `CallbackUrl`: parsed JSON, else text. */
export function callbackOutput(response: TransportResponse | null): { readonly CallbackResponseBody?: unknown } {
  if (response === null || response.body === '') return {};
  try {
    return { CallbackResponseBody: JSON.parse(response.body) as unknown };
  } catch {
    return { CallbackResponseBody: response.body };
  }
}

function storeHeaderOf(response: TransportResponse, header: string): string | null {
  if (!header.startsWith('*')) return headerOf(response, header);
  return headerOf(response, `x-obs-${header.slice(1)}`) ?? headerOf(response, `x-amz-${header.slice(1)}`);
}

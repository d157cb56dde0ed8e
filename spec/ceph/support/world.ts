import {
  createObsConnection,
  createSignedUrl,
  s3Dialect,
  v2Dialect,
  v2Signer,
  v4Signer,
  type Addressing,
  type ObsConnection,
  type ObsConnectionOptions,
  type ObsCredentials,
  type SignedRequest,
  type SignedUrlOptions,
  type UnsignedRequest,
} from 'rx-obs-upload';
import { bytesOf, fakeSource } from 'rx-obs-upload/testing';

export const MIB: number = 1024 * 1024;
/** The smallest size that Ceph accepts for all parts but the last. */
export const PART: number = 5 * MIB;

/** How requests are signed and addressed. */
export interface Variant {
  readonly signature: 'v2' | 'v4';
  readonly place: 'header' | 'URL';
  readonly addressing: Extract<Addressing, 'path' | 'virtual-hosted'>;
}

/** The input of a scenario, as plain JSON, since it may run in a page. */
export interface World {
  readonly variant: Variant;
  readonly port: number;
  readonly credentials: ObsCredentials;
  readonly bucket: string;
}

export function connect(
  { variant, port, credentials }: World,
  options: Pick<ObsConnectionOptions, 'transport' | 'serverTime'> = {},
): ObsConnection {
  const { signature, place, addressing } = variant;
  const signer = { v2: v2Signer, v4: () => v4Signer({ region: 'default' }) }[signature]();
  const store = { server: `http://${addressing === 'path' ? '127.0.0.1' : 'localhost'}:${port}`, addressing };
  if (place === 'header') return createObsConnection({ ...store, ...options, credentials, signer });
  const sign = (request: UnsignedRequest): SignedRequest => signUrl(request, { ...store, credentials, signer });
  const dialect = signature === 'v2' ? v2Dialect : s3Dialect;
  return createObsConnection({ ...store, ...options, dialect, presign: (requests) => [requests.map(sign)] });
}

/** Signs as a backend does that keeps the credentials secret. */
function signUrl(
  { method, url, headers, bucket, key }: UnsignedRequest,
  store: Pick<SignedUrlOptions, 'server' | 'addressing' | 'credentials' | 'signer'>,
): SignedRequest {
  const query: Record<string, string | null> = {};
  for (const [name, value] of new URL(url).searchParams) query[name] = value === '' ? null : value;
  return createSignedUrl({ ...store, method, bucket, key, query, headers, expiresInSeconds: 300 });
}

/** Size and seed determine the bytes, so that both Node and a page can create them. */
export function contentOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytesOf(fakeSource({ size, seed })));
}

export function fileOf(size: number, seed = 1): File {
  return new File([contentOf(size, seed)], 'film.mp4', { lastModified: 1_700_000_000_000 });
}

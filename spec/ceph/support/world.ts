import {
  createObsConnection,
  v2Signer,
  v4Signer,
  type Addressing,
  type ObsConnection,
  type ObsConnectionOptions,
  type ObsCredentials,
  type Signer,
  type UrlSigner,
} from 'rx-obs-upload';
import { bytesOf, fakeSource } from 'rx-obs-upload/testing';

export const MIB: number = 1024 * 1024;
/** The least that Ceph takes of all parts but the last. */
export const PART: number = 5 * MIB;

/** How a store is spoken to. */
export interface Variant {
  readonly signature: 'v2' | 'v4';
  readonly place: 'header' | 'URL';
  readonly addressing: Extract<Addressing, 'path' | 'virtual-hosted'>;
}

/** What a scenario is told: plain JSON, since it may run in a page. */
export interface World {
  readonly variant: Variant;
  readonly port: number;
  readonly credentials: ObsCredentials;
  readonly bucket: string;
}

export function connect(
  world: World,
  options: Partial<Extract<ObsConnectionOptions, { presign?: never }>> = {},
): ObsConnection {
  const { variant, port, credentials } = world;
  const signer = { v2: v2Signer, v4: () => v4Signer({ region: 'default' }) }[variant.signature]();
  return createObsConnection({
    server: `http://${variant.addressing === 'path' ? '127.0.0.1' : 'localhost'}:${port}`,
    addressing: variant.addressing,
    credentials,
    signer: variant.place === 'header' ? signer : inUrl(signer),
    ...options,
  });
}

/** Signs each request as a URL, as a backend would that keeps the keys to itself. */
function inUrl(signer: Signer & UrlSigner): Signer {
  return {
    dialect: signer.dialect,
    sign: (request, context) => [signer.presign(request, { ...context, expiresInSeconds: 300 })],
  };
}

/** The bytes follow from size and seed, so that both sides of a browser can make them. */
export function contentOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytesOf(fakeSource({ size, seed })));
}

export function fileOf(size: number, seed = 1): File {
  return new File([contentOf(size, seed)], 'film.mp4', { lastModified: 1_700_000_000_000 });
}

import core from 'crypto-js/core.js';
import 'crypto-js/sha256.js';
import { defer, map, of, type Observable } from 'rxjs';
import { joined } from './bytes.js';
import type { Digest } from './digest.js';
import { digestBy } from './words.js';

/** An incremental SHA-256 (FIPS 180-4). */
export function createSha256(): Digest {
  return digestBy(core.algo.SHA256.create());
}

/** The SHA-256 of all pieces together. */
export function sha256(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.reduce((digest, piece) => digest.update(piece), createSha256()).digest();
}

/**
 * As `sha256`, by WebCrypto, which is native code: on a page that has just been loaded, ours would have to be compiled
 * first. Insecure contexts and jsdom have no WebCrypto, so there it is ours.
 */
export function webSha256$(pieces: readonly Uint8Array[]): Observable<Uint8Array> {
  const { crypto } = globalThis as { readonly crypto?: Partial<Crypto> };
  const subtle = crypto?.subtle;
  if (subtle === undefined) return of(sha256(pieces));
  return defer(() => subtle.digest('SHA-256', joined(pieces))).pipe(map((digest) => new Uint8Array(digest)));
}

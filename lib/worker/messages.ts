import type { HashAlgorithm } from '../model/checksum.js';

/** A request to hash: a Blob that the worker reads itself, or pieces one by one until the end. */
export type HashRequest = {
  /** @defaultValue 'md5' */
  readonly algorithm?: HashAlgorithm;
} & (
  | { readonly type: 'blob'; readonly blob: Blob }
  | { readonly type: 'piece'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
);

/** The first reply is sent without a request, when the worker is ready; then one per request. */
export type HashReply =
  | { readonly type: 'ready' | 'taken' }
  | { readonly type: 'digest'; readonly digest: Uint8Array }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

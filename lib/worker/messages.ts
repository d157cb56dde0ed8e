/** What a worker is asked to hash: a Blob that it reads itself, or pieces one after the other up to the end. */
export type HashRequest =
  | { readonly type: 'blob'; readonly blob: Blob }
  | { readonly type: 'piece'; readonly bytes: Uint8Array }
  | { readonly type: 'end' };

/** The first one, when it can hash, comes unasked; every request has one. */
export type HashReply =
  | { readonly type: 'ready' | 'taken' }
  | { readonly type: 'digest'; readonly digest: Uint8Array }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

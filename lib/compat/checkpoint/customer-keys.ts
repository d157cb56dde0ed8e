import type { ObsUploadCheckpoint } from '../model/checkpoint.js';

/** Keys of SSE-C, so that a record that is given back as it is can go on without it: never part of the record. */
const customerKeys = new WeakMap<ObsUploadCheckpoint, Uint8Array>();

export function rememberCustomerKey(record: ObsUploadCheckpoint, key: Uint8Array | null): void {
  if (key !== null) customerKeys.set(record, key);
}

export function customerKeyOf(record: ObsUploadCheckpoint): Uint8Array | null {
  return customerKeys.get(record) ?? null;
}

import type { UploadLock } from './upload-lock.js';
import { webLock } from './web-lock.js';

/** Browsers have Web Locks on secure pages; elsewhere the application can pass a lock. */
export function defaultLock(): UploadLock | null {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: unknown } };
  return navigator?.locks ? webLock() : null;
}

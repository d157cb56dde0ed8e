import type { UploadLock } from './upload-lock.js';
import { webLock } from './web-lock.js';

/** Browsers have locks on secure pages; where there are none, whoever wants one gives it. */
export function defaultLock(): UploadLock | null {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: unknown } };
  return navigator?.locks ? webLock() : null;
}

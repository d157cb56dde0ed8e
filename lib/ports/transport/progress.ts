import type { Subscriber } from 'rxjs';
import { monotonicNow } from '../../time.js';
import type { TransportEvent } from './transport.js';

/** WebKit fires thousands of progress events for 50 MB; no subscriber needs them more often than this. */
const PROGRESS_INTERVAL_MS = 50;

/** Emits how many bytes have moved, at a bounded rate; `always` emits regardless. */
export function throttledProgress(
  subscriber: Subscriber<TransportEvent>,
  type: 'upload-progress' | 'download-progress',
): (loadedBytes: number, always?: boolean) => void {
  let emittedAt = -Infinity;
  return (loadedBytes, always = false) => {
    const now = monotonicNow();
    if (!always && now - emittedAt < PROGRESS_INTERVAL_MS) return;
    emittedAt = now;
    subscriber.next({ type, loadedBytes });
  };
}

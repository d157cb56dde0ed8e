import { defer, ignoreElements, Observable, timer } from 'rxjs';
import { isVirtualTime } from '../time.js';

/**
 * Completes in a task of its own. Not by a timer where that can be avoided: in a tab that is not shown, browsers delay
 * timers by up to a minute.
 */
export function nextTask$(): Observable<never> {
  return defer(() =>
    isVirtualTime() || typeof MessageChannel === 'undefined' ? timer(0).pipe(ignoreElements()) : messageToItself$(),
  );
}

function messageToItself$(): Observable<never> {
  return new Observable((subscriber) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => subscriber.complete();
    port2.postMessage(null);
    return () => port1.close();
  });
}

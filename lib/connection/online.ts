import { defer, fromEvent, map, merge, of, type Observable } from 'rxjs';

interface Surroundings {
  readonly navigator?: { readonly onLine?: boolean };
  readonly addEventListener?: unknown;
}

/** The browser's online state, at first and on each change; elsewhere always online. */
export function browserOnline$(): Observable<boolean> {
  return defer(() => {
    const { navigator, addEventListener } = globalThis as Surroundings;
    if (typeof addEventListener !== 'function' || typeof navigator?.onLine !== 'boolean') return of(true);
    const changes$ = merge(fromEvent(globalThis, 'online'), fromEvent(globalThis, 'offline'));
    return merge(of(null), changes$).pipe(map(() => navigator.onLine !== false));
  });
}

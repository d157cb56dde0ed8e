import {
  BehaviorSubject,
  concat,
  defer,
  distinctUntilChanged,
  finalize,
  map,
  takeWhile,
  tap,
  type Observable,
} from 'rxjs';
import { memoryLock } from '../../ports/lock/memory-lock.js';
import type { UploadLock } from '../../ports/lock/upload-lock.js';

/** A lock that shows who holds it, and that another tab can hold. */
export interface FakeLock extends UploadLock {
  /** Requested names, in order. */
  readonly asked: readonly string[];
  /** Names that are held now, in order of acquisition. */
  readonly held: readonly string[];
  /** Names that are waited for now, in order of arrival. */
  readonly waiting: readonly string[];
  /** From now on another tab holds every name: new requests wait; locks that are held stay held. */
  holdElsewhere(): void;
  /** Closes the other tab: waiting requests are granted in order of arrival. */
  releaseElsewhere(): void;
}

/**
 * A lock for tests: synchronous, granted in order of arrival.
 *
 * @example
 * ```ts
 * const lock = fakeLock();
 * lock.holdElsewhere();
 * const events = record(uploadFile$(obs, { ...request, checkpointStore, lock })); // waiting: locked
 * lock.releaseElsewhere();
 * ```
 */
export function fakeLock(): FakeLock {
  const lock = memoryLock();
  const heldElsewhere$ = new BehaviorSubject(false);
  const asked: string[] = [];
  const phases = new Map<object, { readonly name: string; readonly phase: 'waiting' | 'held' }>();
  const namesIn = (wanted: 'waiting' | 'held'): readonly string[] =>
    [...phases.values()].flatMap(({ name, phase }) => (phase === wanted ? [name] : []));

  return {
    asked,
    get held() {
      return namesIn('held');
    },
    get waiting() {
      return namesIn('waiting');
    },
    hold: (name) =>
      defer(() => {
        const holder = {};
        asked.push(name);
        const elsewhere$: Observable<'waiting' | 'held'> = heldElsewhere$.pipe(
          takeWhile((isHeld) => isHeld),
          map(() => 'waiting'),
        );
        return concat(elsewhere$, lock.hold(name)).pipe(
          distinctUntilChanged(),
          tap((phase) => {
            // Removed first, so that the order is that of acquisition.
            phases.delete(holder);
            phases.set(holder, { name, phase });
          }),
          finalize(() => phases.delete(holder)),
        );
      }),
    holdElsewhere: () => heldElsewhere$.next(true),
    releaseElsewhere: () => heldElsewhere$.next(false),
  };
}

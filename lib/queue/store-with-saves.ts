import {
  debounceTime,
  defer,
  EMPTY,
  finalize,
  first,
  ignoreElements,
  type BehaviorSubject,
  type Observable,
} from 'rxjs';
import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import { fromPort } from '../ports/from-port.js';

/**
 * The same store, which counts saves in progress and calls back after each. The last checkpoint of an upload is saved
 * after it was stopped: only then is a list of the store up to date.
 */
export function storeWithSaves(
  store: CheckpointStore,
  saving$: BehaviorSubject<number>,
  saved: () => void,
): CheckpointStore {
  return {
    load: (id) => store.load(id),
    save: (id, checkpoint) =>
      defer(() => {
        saving$.next(saving$.value + 1);
        return fromPort(store.save(id, checkpoint), 'checkpointStore');
      }).pipe(
        finalize(() => {
          saving$.next(saving$.value - 1);
          saved();
        }),
      ),
    remove: (id) => store.remove(id),
    list: () => store.list(),
    ...(store.files && { files: store.files }),
  };
}

/** Completes after the last save of a stopped upload: a record that is removed before would be back. */
export function whenSaved$(saving$: BehaviorSubject<number>): Observable<never> {
  return defer(() =>
    saving$.value === 0
      ? EMPTY
      : saving$.pipe(
          // The last save may begin when the one before it ends.
          debounceTime(0),
          first((saving) => saving === 0),
          ignoreElements(),
        ),
  );
}

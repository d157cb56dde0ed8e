import type { Subscriber } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import type { QueueNotice, QueueState } from '../../model/queue/queue-state.js';
import { emptyMemory, reduceQueueState, type QueueChange, type QueueMemory } from './reduce-queue-state.js';

/** The state of one queue: folds changes, and emits what they make of it. */
export interface StateHolder {
  readonly memory: QueueMemory;
  /** @param beforeEmit - what must have stopped when the state is seen; not called if nothing changes */
  readonly apply: (change: QueueChange, beforeEmit?: () => void) => void;
  /** Adds a notice, unless it is there already. Text and message of the error are for people. */
  readonly notice: (code: QueueNotice['code'], about: string | null, text: string, error?: unknown) => void;
  readonly emit: () => void;
  /** Completes, once the last state is emitted. */
  readonly complete: () => void;
}

export function holdState(subscriber: Subscriber<QueueState>): StateHolder {
  let memory = emptyMemory;
  let noticeCount = 0;
  let isEmitting = false;
  let hasEnded = false;
  let emitted: QueueState | null = null;

  /** A command that is sent from `next` takes effect at once, and its state is emitted after the present one. */
  const emit = (): void => {
    if (isEmitting) return;
    isEmitting = true;
    while (emitted !== memory.state && !subscriber.closed) {
      emitted = memory.state;
      subscriber.next(emitted);
    }
    isEmitting = false;
    if (hasEnded) subscriber.complete();
  };
  const apply: StateHolder['apply'] = (change, beforeEmit) => {
    const next = reduceQueueState(memory, change);
    if (next === memory) return;
    memory = next;
    beforeEmit?.();
    emit();
  };
  return {
    get memory() {
      return memory;
    },
    apply,
    notice: (code, about, what, failure = null) => {
      const error = failure === null ? null : toUploadErrorInfo(failure);
      const text = error === null ? what : `${what}${error.message}`;
      if (memory.state.notices.some((known) => known.text === text && known.about === about)) return;
      noticeCount += 1;
      apply({ type: 'noticed', notice: { id: `notice-${noticeCount}`, code, text, about, error } });
    },
    emit,
    complete: () => {
      hasEnded = true;
      emit();
    },
  };
}

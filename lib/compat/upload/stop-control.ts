import { BehaviorSubject, type Observable } from 'rxjs';
import type { ResumeHook } from '../model/upload-file-params.js';

/** What the hook requested; `run` until then. */
export type Command = 'run' | 'cancel' | 'abort';

export interface StopControl {
  readonly command$: Observable<Command>;
  readonly hook: ResumeHook;
  isOver(): boolean;
  /** From now on `abort` stops nothing: complete, which is being sent, may have made the object already. */
  completing(): void;
  /** Ignores further commands, because the upload is completed. */
  end(): void;
}

/** Only the first command of the hook counts. */
export function createStopControl(): StopControl {
  const command$ = new BehaviorSubject<Command>('run');
  let isOver = false;
  let isCompleting = false;
  const request = (command: Command): void => {
    if (isOver) return;
    isOver = true;
    if (command === 'cancel' || !isCompleting) command$.next(command);
  };
  return {
    command$,
    hook: { cancel: () => request('cancel'), abort: () => request('abort') },
    isOver: () => isOver,
    completing: () => void (isCompleting = true),
    end: () => void (isOver = true),
  };
}

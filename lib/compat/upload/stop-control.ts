import { BehaviorSubject, type Observable } from 'rxjs';
import type { ResumeHook } from '../model/upload-file-params.js';

/** What the hook requested; `run` until then. */
export type Command = 'run' | 'cancel' | 'abort';

export interface StopControl {
  readonly command$: Observable<Command>;
  readonly hook: ResumeHook;
  isOver(): boolean;
  /** Ignores further commands, because the upload is completed. */
  end(): void;
}

/** Only the first command of the hook counts. */
export function createStopControl(): StopControl {
  const command$ = new BehaviorSubject<Command>('run');
  let isOver = false;
  const request = (command: Command): void => {
    if (isOver) return;
    isOver = true;
    command$.next(command);
  };
  return {
    command$,
    hook: { cancel: () => request('cancel'), abort: () => request('abort') },
    isOver: () => isOver,
    end: () => void (isOver = true),
  };
}

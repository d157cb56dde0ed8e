import { BehaviorSubject, type Observable } from 'rxjs';
import type { ResumeHook } from '../model/upload-file-params.js';

/** What the user of the hook wants: that it goes on, stops, or never was. */
export type Wish = 'go' | 'cancel' | 'abort';

export interface StopControl {
  readonly wish$: Observable<Wish>;
  readonly hook: ResumeHook;
  isOver(): boolean;
  /** Nothing can be wished for any more: the object is there. */
  end(): void;
}

/** The first wish other than to go on holds. */
export function createWishes(): StopControl {
  const wish$ = new BehaviorSubject<Wish>('go');
  let isOver = false;
  const make = (wish: Wish): void => {
    if (isOver) return;
    isOver = true;
    wish$.next(wish);
  };
  return {
    wish$,
    hook: { cancel: () => make('cancel'), abort: () => make('abort') },
    isOver: () => isOver,
    end: () => void (isOver = true),
  };
}

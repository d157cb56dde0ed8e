import type { Observable } from 'rxjs';
import { createLimiter, type Limiter } from './limiter.js';

/** Permits, granted in order of arrival. */
export interface Semaphore extends Pick<Limiter, 'resize'> {
  /** Subscribes to `source$` under a permit, once one is free, and holds the permit until it ends. */
  readonly run: <T>(source$: Observable<T>) => Observable<T>;
}

export function createSemaphore(permits: number): Semaphore {
  const { run, resize } = createLimiter(permits);
  const all = {};
  return { run: (source$) => run(all, 'data', source$), resize };
}

import { BehaviorSubject, filter, firstValueFrom, takeWhile } from 'rxjs';
import type { UploadLock } from 'rx-obs-upload';
import { expectSame, scenario, type Scenario } from './scenario.js';

export const uploadLockScenarios: readonly Scenario<UploadLock>[] = [
  scenario('acquires a free lock, and does not complete', async (lock) => {
    const a = requestLock(lock, 'x');
    await a.has('held');
    a.unsubscribe();
    expectSame(a.log(), ['held'], 'a');
  }),
  scenario('emits waiting while the lock is held, and held once it is released', async (lock) => {
    const a = requestLock(lock, 'x');
    await a.has('held');
    const b = requestLock(lock, 'x');
    await b.has('waiting');
    a.unsubscribe();
    await b.has('held');
    expectSame(b.log(), ['waiting', 'held'], 'b');
    b.unsubscribe();
  }),
  scenario('locks each name independently', async (lock) => {
    const [a, b] = [requestLock(lock, 'x'), requestLock(lock, 'y')];
    await Promise.all([a.has('held'), b.has('held')]);
    expectSame([a.log(), b.log()], [['held'], ['held']], 'both');
    a.unsubscribe();
    b.unsubscribe();
  }),
  scenario('accepts any name', async (lock) => {
    for (const name of ['', '-', '__proto__', JSON.stringify(['https://obs.test', '\u{1F3E0} "x"', null])]) {
      const a = requestLock(lock, name);
      await a.has('held');
      a.unsubscribe();
    }
  }),
  scenario('is granted in order, and not to a subscriber that has unsubscribed', async (lock) => {
    const a = requestLock(lock, 'x');
    await a.has('held');
    const b = requestLock(lock, 'x');
    await b.has('waiting');
    const c = requestLock(lock, 'x');
    await c.has('waiting');
    const d = requestLock(lock, 'x');
    await d.has('waiting');
    b.unsubscribe();
    a.unsubscribe();
    await c.has('held');
    expectSame([b.log(), d.log()], [['waiting'], ['waiting']], 'b and d');
    c.unsubscribe();
    await d.has('held');
    d.unsubscribe();
  }),
  scenario('is released by an immediate unsubscribe', async (lock) => {
    requestLock(lock, 'x').unsubscribe();
    const a = requestLock(lock, 'x');
    await a.has('held');
    a.unsubscribe();
  }),
  scenario('is released by an unsubscribe inside the emission of held', async (lock) => {
    const a = requestLock(lock, 'x', 'held');
    await a.has('held');
    const b = requestLock(lock, 'x');
    await b.has('held');
    b.unsubscribe();
    expectSame(a.log(), ['held'], 'a');
  }),
  scenario('is not granted after an unsubscribe inside the emission of waiting', async (lock) => {
    const a = requestLock(lock, 'x');
    await a.has('held');
    const b = requestLock(lock, 'x', 'waiting');
    await b.has('waiting');
    const c = requestLock(lock, 'x');
    await c.has('waiting');
    a.unsubscribe();
    await c.has('held');
    expectSame(b.log(), ['waiting'], 'b');
    c.unsubscribe();
  }),
  scenario('is requested separately by each subscription', async (lock) => {
    const x$ = lock.hold('x');
    const sameObservable: UploadLock = { hold: () => x$ };
    const a = requestLock(sameObservable, 'x');
    await a.has('held');
    const b = requestLock(sameObservable, 'x');
    await b.has('waiting');
    a.unsubscribe();
    await b.has('held');
    b.unsubscribe();
  }),
];

interface LockRequest {
  /** Resolves as soon as the phase was emitted; rejects if the lock has errored or completed instead. */
  has(phase: 'waiting' | 'held'): Promise<unknown>;
  log(): readonly string[];
  unsubscribe(): void;
}

/** @param unsubscribeAt - unsubscribes inside this emission */
function requestLock(lock: UploadLock, name: string, unsubscribeAt: 'waiting' | 'held' | null = null): LockRequest {
  const log$ = new BehaviorSubject<readonly string[]>([]);
  const add = (entry: string): void => log$.next([...log$.value, entry]);
  const subscription = lock
    .hold(name)
    .pipe(takeWhile((phase) => phase !== unsubscribeAt, true))
    .subscribe({
      next: add,
      error: (error: unknown) => add(`error: ${String(error)}`),
      complete: () => {
        if (unsubscribeAt === null) add('complete');
      },
    });
  return {
    has: (phase) => firstValueFrom(log$.pipe(filter((log) => log.includes(phase) || log.some(isEnd)))).then(rejectEnd),
    log: () => log$.value,
    unsubscribe: () => subscription.unsubscribe(),
  };
}

function isEnd(entry: string): boolean {
  return entry !== 'waiting' && entry !== 'held';
}

function rejectEnd(log: readonly string[]): void {
  const end = log.find(isEnd);
  if (end !== undefined) throw new Error(`The lock emitted ${end}`);
}

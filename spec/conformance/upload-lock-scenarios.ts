import { BehaviorSubject, filter, firstValueFrom, takeWhile } from 'rxjs';
import type { UploadLock } from 'rx-obs-upload';
import { expectSame, scenario, type Scenario } from './scenario.js';

export const uploadLockScenarios: readonly Scenario<UploadLock>[] = [
  scenario('gives a free lock, and never ends by itself', async (lock) => {
    const a = ask(lock, 'x');
    await a.has('held');
    a.unsubscribe();
    expectSame(a.log(), ['held'], 'a');
  }),
  scenario('reports at once that another has it, and hands it on', async (lock) => {
    const a = ask(lock, 'x');
    await a.has('held');
    const b = ask(lock, 'x');
    await b.has('waiting');
    a.unsubscribe();
    await b.has('held');
    expectSame(b.log(), ['waiting', 'held'], 'b');
    b.unsubscribe();
  }),
  scenario('keeps names apart', async (lock) => {
    const [a, b] = [ask(lock, 'x'), ask(lock, 'y')];
    await Promise.all([a.has('held'), b.has('held')]);
    expectSame([a.log(), b.log()], [['held'], ['held']], 'both');
    a.unsubscribe();
    b.unsubscribe();
  }),
  scenario('takes any name', async (lock) => {
    for (const name of ['', '-', '__proto__', JSON.stringify(['https://obs.test', '\u{1F3E0} "x"', null])]) {
      const a = ask(lock, name);
      await a.has('held');
      a.unsubscribe();
    }
  }),
  scenario('serves in the order of arrival, and forgets who left the queue', async (lock) => {
    const a = ask(lock, 'x');
    await a.has('held');
    const b = ask(lock, 'x');
    await b.has('waiting');
    const c = ask(lock, 'x');
    await c.has('waiting');
    const d = ask(lock, 'x');
    await d.has('waiting');
    b.unsubscribe();
    a.unsubscribe();
    await c.has('held');
    expectSame([b.log(), d.log()], [['waiting'], ['waiting']], 'b and d');
    c.unsubscribe();
    await d.has('held');
    d.unsubscribe();
  }),
  scenario('is given back by who leaves at once', async (lock) => {
    ask(lock, 'x').unsubscribe();
    const a = ask(lock, 'x');
    await a.has('held');
    a.unsubscribe();
  }),
  scenario('is given back by who leaves in the moment of getting it', async (lock) => {
    const a = ask(lock, 'x', 'held');
    await a.has('held');
    const b = ask(lock, 'x');
    await b.has('held');
    b.unsubscribe();
    expectSame(a.log(), ['held'], 'a');
  }),
  scenario('is not granted to one who leaves at the moment it is asked to wait', async (lock) => {
    const a = ask(lock, 'x');
    await a.has('held');
    const b = ask(lock, 'x', 'waiting');
    await b.has('waiting');
    const c = ask(lock, 'x');
    await c.has('waiting');
    a.unsubscribe();
    await c.has('held');
    expectSame(b.log(), ['waiting'], 'b');
    c.unsubscribe();
  }),
  scenario('is requested again by each subscription', async (lock) => {
    const x$ = lock.hold('x');
    const again: UploadLock = { hold: () => x$ };
    const a = ask(again, 'x');
    await a.has('held');
    const b = ask(again, 'x');
    await b.has('waiting');
    a.unsubscribe();
    await b.has('held');
    b.unsubscribe();
  }),
];

interface Asking {
  /** Resolves as soon as it has been notified; rejects when it was notified of the end instead. */
  has(what: 'waiting' | 'held'): Promise<unknown>;
  log(): readonly string[];
  unsubscribe(): void;
}

/** @param leaveAt - unsubscribes inside of that emission */
function ask(lock: UploadLock, name: string, leaveAt: 'waiting' | 'held' | null = null): Asking {
  const log$ = new BehaviorSubject<readonly string[]>([]);
  const add = (entry: string): void => log$.next([...log$.value, entry]);
  const subscription = lock
    .hold(name)
    .pipe(takeWhile((phase) => phase !== leaveAt, true))
    .subscribe({
      next: add,
      error: (error: unknown) => add(`error: ${String(error)}`),
      complete: () => {
        if (leaveAt === null) add('complete');
      },
    });
  return {
    has: (what) => firstValueFrom(log$.pipe(filter((log) => log.includes(what) || log.some(isEnd)))).then(rejectEnd),
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

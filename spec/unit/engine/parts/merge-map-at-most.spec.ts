import { concat, EMPTY, ignoreElements, NEVER, Observable, of, range, Subject, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { mergeMapAtMost } from '../../../../lib/engine/parts/merge-map-at-most.js';
import { at, inVirtualTime, record } from '../../../support/virtual-time.js';

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

describe('mergeMapAtMost', () => {
  it('follows a changing bound, and cancels nothing when it falls', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold('     (abcde|)         ');
      const bound = hot('       1--2--1----------', { 1: 1, 2: 2 });
      const inner = cold('      ----(x|)         ');
      const expected = '        ----x--xx---x---(x|)';
      expectObservable(source.pipe(mergeMapAtMost(bound, () => inner))).toBe(expected);
      expectSubscriptions(bound.subscriptions).toBe('^-----------!');
    });
  });

  it('runs one until the bound is known', () => {
    marbles(({ cold, expectObservable }) => {
      const inner = cold('--(x|)');
      expectObservable(of(1, 2).pipe(mergeMapAtMost(NEVER, () => inner))).toBe('--x-(x|)');
    });
  });

  it('holds back values, not subscriptions', () => {
    let subscribed = 0;
    const project = (): Observable<never> =>
      new Observable(() => {
        subscribed += 1;
      });
    const subscription = range(1, 10_000)
      .pipe(mergeMapAtMost(concat(of(3), NEVER), project))
      .subscribe();
    expect(subscribed).toBe(3);
    subscription.unsubscribe();
    expect(subscribed).toBe(3);
  });

  it('is not limited by the call stack', () => {
    const results = record(range(1, 20_000).pipe(mergeMapAtMost(of(2), (value) => of(value))));
    expect(results.completed).toBe(true);
    expect(results.values).toHaveLength(20_000);
  });

  it('completes for an empty source, never for an endless one, and passes errors on', () => {
    const broken = throwError(() => new Error('broken'));
    expect(record(EMPTY.pipe(mergeMapAtMost(of(1), () => of(1)))).completed).toBe(true);
    expect(record(NEVER.pipe(mergeMapAtMost(of(1), () => of(1)))).endedAt).toBeNull();
    expect(record(broken.pipe(mergeMapAtMost(of(1), () => of(1)))).error).toMatchObject({ message: 'broken' });
    expect(record(of(1).pipe(mergeMapAtMost(of(1), () => broken))).error).toMatchObject({ message: 'broken' });
    expect(record(of(1).pipe(mergeMapAtMost(broken, () => of(1)))).error).toMatchObject({ option: 'taskNum' });
    expect(record(of(1).pipe(mergeMapAtMost(of(0), () => of(1)))).error).toMatchObject({ option: 'taskNum' });
  });

  it('starts nothing after an unsubscribe, not even within next; another subscription is unaffected', () => {
    inVirtualTime(() => {
      let started = 0;
      const results$ = range(1, 20).pipe(
        mergeMapAtMost(new Observable<number>((subscriber) => subscriber.next(2)), (value) => {
          started += 1;
          return concat(timer(10).pipe(ignoreElements()), of(value));
        }),
      );
      const first = results$.subscribe(() => first.unsubscribe());
      at(100, () => {
        expect(started).toBe(2);
        const second = record(results$);
        at(1000, () => expect(second.values).toHaveLength(20));
      });
    });
  });

  it('allows the bound to emit during project', () => {
    const bound = new Subject<number>();
    const started: number[] = [];
    const subscription = range(1, 6)
      .pipe(
        mergeMapAtMost(bound, (value) => {
          started.push(value);
          if (value === 1) bound.next(3);
          return NEVER;
        }),
      )
      .subscribe();
    expect(started).toEqual([1, 2, 3]);
    subscription.unsubscribe();
  });
});

import { TestScheduler } from 'rxjs/testing';
import { batched } from '../../../lib/worker/uploads/serve-stream.js';

function inMarbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

describe('batched', () => {
  it('emits the first value at once, then those of each interval together', () => {
    inMarbles(({ cold, expectObservable }) => {
      const source$ = cold('  a--b-c----d-----e|');
      const expected = '      a----x----d-----e|';
      expectObservable(source$.pipe(batched(5))).toBe(expected, { a: ['a'], x: ['b', 'c'], d: ['d'], e: ['e'] });
    });
  });

  it('emits waiting values before an error and before the completion', () => {
    inMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('ab-#').pipe(batched(5))).toBe('a--(b#)', { a: ['a'], b: ['b'] });
      expectObservable(cold('ab-|').pipe(batched(5))).toBe('a--(b|)', { a: ['a'], b: ['b'] });
      expectObservable(cold('---|').pipe(batched(5))).toBe('---|');
      expectObservable(cold('----').pipe(batched(5))).toBe('----');
    });
  });

  it('emits an urgent value at once with those that wait, and later ones at the end of the interval', () => {
    inMarbles(({ cold, expectObservable }) => {
      const source$ = cold('  a-bUc---d|');
      const expected = '      a--u-c---(d|)';
      const isUrgent = (value: string): boolean => value === 'U';
      const values = { a: ['a'], u: ['b', 'U'], c: ['c'], d: ['d'] };
      expectObservable(source$.pipe(batched(5, isUrgent))).toBe(expected, values);
    });
  });

  it('unsubscribes from its source', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('  ab--c---');
      const unsub = '         ---!';
      expectObservable(source$.pipe(batched(2)), unsub).toBe('a-b', { a: ['a'], b: ['b'] });
      expectSubscriptions(source$.subscriptions).toBe('^--!');
    });
  });
});

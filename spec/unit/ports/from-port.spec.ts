import { EMPTY, NEVER, Observable, of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { firstValue$ } from '../../../lib/ports/from-port.js';

const silent = new Error('silent');
const empty = new Error('empty');
const options = { port: 'sourceFile', withinMs: 8, silent: () => silent, empty: () => empty };

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

describe('firstValue$', () => {
  it('emits the first value and unsubscribes from the port at once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const port = cold('--a-b-c');
      expectObservable(firstValue$(() => port, options)).toBe('--(a|)');
      expectSubscriptions(port.subscriptions).toBe('^-!');
    });
  });

  it('fails if the port completes without a value, unless that is allowed', () => {
    marbles(({ expectObservable }) => {
      expectObservable(firstValue$(() => EMPTY, options)).toBe('#', undefined, empty);
      expectObservable(firstValue$(() => EMPTY, { ...options, empty: null })).toBe('|');
    });
  });

  it('fails if the port emits nothing in time', () => {
    marbles(({ expectObservable }) => {
      expectObservable(firstValue$(() => NEVER, options)).toBe('--------#', undefined, silent);
    });
  });

  it('fails with the error of the port, emitted or thrown', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(firstValue$(() => cold('--#'), options)).toBe('--#');
      const thrown = (): Observable<never> => {
        throw new Error('thrown');
      };
      expectObservable(firstValue$(thrown, options)).toBe('#', undefined, new Error('thrown'));
    });
  });

  it('unsubscribes from the port when its subscriber unsubscribes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const port = cold('-----a');
      expectObservable(
        firstValue$(() => port, options),
        '--!',
      ).toBe('---');
      expectSubscriptions(port.subscriptions).toBe('^-!');
    });
  });

  it('calls the port once per subscription, and not before', () => {
    let calls = 0;
    const value$ = firstValue$(() => {
      calls += 1;
      return of('a');
    }, options);
    expect(calls).toBe(0);
    value$.subscribe();
    value$.subscribe();
    expect(calls).toBe(2);
  });

  it('does not call the port for a closed subscriber', () => {
    let calls = 0;
    new Observable((subscriber) => {
      subscriber.complete();
      firstValue$(() => of(++calls), options).subscribe(subscriber);
    }).subscribe();
    expect(calls).toBe(0);
  });
});

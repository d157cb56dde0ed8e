import { range } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inSlices } from '../../../examples/browser-page/in-slices.js';

describe('inSlices', () => {
  it('gives the first fifty at once, further ones with a pause before each fifty', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ expectObservable }) => {
      const [a, b, c] = [0, 50, 100].map((from) => Array.from({ length: from === 100 ? 20 : 50 }, (_, i) => from + i));
      expectObservable(range(0, 120).pipe(inSlices())).toBe('a 15ms b 15ms (c|)', { a, b, c });
    });
  });

  it('gives the rest once there is no more', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      expectObservable(cold('a-b-|').pipe(inSlices())).toBe('----(c|)', { c: ['a', 'b'] });
    });
  });
});

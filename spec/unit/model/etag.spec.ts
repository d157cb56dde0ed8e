import { bareEtag, sameEtag } from '../../../lib/model/etag.js';

describe('bareEtag', () => {
  it.each(['"abc"', 'abc', ' "abc" ', 'W/"abc"', 'w/abc'])('strips %s', (etag) => {
    expect(bareEtag(etag)).toBe('abc');
  });
});

describe('sameEtag', () => {
  it.each([
    ['"ABC-2"', 'abc-2'],
    ['W/"abc"', '"abc"'],
    [' abc', 'abc'],
  ])('treats %s and %s as equal', (a, b) => {
    expect(sameEtag(a, b)).toBe(true);
    expect(sameEtag(b, a)).toBe(true);
  });

  it.each([
    ['', ''],
    ['""', '""'],
    [null, null],
    [undefined, ''],
    ['abc', 'abd'],
    ['abc', ''],
  ])('treats %p and %p as different', (a, b) => {
    expect(sameEtag(a, b)).toBe(false);
  });
});

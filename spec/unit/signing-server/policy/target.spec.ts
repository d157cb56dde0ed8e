import { prefixFor, targetOf } from '../../../../lib/signing-server/policy/target.js';
import { keyPrefixOf } from '../../../../lib/signing-server/policy/resolve-policy.js';
import { ann, policy, refusal } from '../support.js';

describe('the target of a URL to sign', () => {
  it.each([
    ['https://media.obs.test/users/ann/film.mp4?uploads', 'users/ann/film.mp4', 'uploads'],
    ['https://media.obs.test/users/ann/a%20b/%C3%BC%2B.mp4', 'users/ann/a b/ü+.mp4', ''],
    ['https://media.obs.test/%75sers%2Fann%2Ffilm.mp4', 'users/ann/film.mp4', ''],
    ['https://media.obs.test/users/ann/...', 'users/ann/...', ''],
  ])('%s is read', (url, key, query) => {
    expect(targetOf(url, ann, policy)).toEqual({ bucket: 'media', key, query });
  });

  it('is read from path-style URLs and custom domains', () => {
    const byPath = { ...policy, endpoint: { protocol: 'http:', host: '127.0.0.1:9', addressing: 'path' } } as const;
    expect(targetOf('http://127.0.0.1:9/media/users/ann/a', ann, byPath).key).toBe('users/ann/a');
    const byDomain = {
      ...policy,
      endpoint: { protocol: 'https:', host: 'media.example', addressing: 'cname' },
    } as const;
    expect(targetOf('https://media.example/users/ann/a', ann, byDomain).key).toBe('users/ann/a');
  });

  it.each([
    ["another user's folder", 'https://media.obs.test/users/bob/film.mp4'],
    ['a folder with the same beginning', 'https://media.obs.test/users/anna/film.mp4'],
    ['a folder in another case', 'https://media.obs.test/users/Ann/film.mp4'],
    ['no folder', 'https://media.obs.test/film.mp4'],
    ['the folder itself', 'https://media.obs.test/users/ann/'],
    ['the bucket', 'https://media.obs.test/?uploads'],
    ['dot segments', 'https://media.obs.test/users/ann/../bob/film.mp4'],
    ['one dot', 'https://media.obs.test/users/ann/./film.mp4'],
    ['dot segments at the end', 'https://media.obs.test/users/ann/..'],
    ['encoded dots', 'https://media.obs.test/users/ann/%2e%2E/bob/film.mp4'],
    ['encoded slashes', 'https://media.obs.test/users/ann/..%2fbob%2Ffilm.mp4'],
    ['dots encoded twice', 'https://media.obs.test/users/ann/%252e%252e/bob/film.mp4'],
    ['slashes encoded twice', 'https://media.obs.test/users/ann/..%252fbob%252ffilm.mp4'],
    ['backslashes', 'https://media.obs.test/users/ann/..\\bob\\film.mp4'],
    ['encoded backslashes', 'https://media.obs.test/users/ann/..%5Cbob%5Cfilm.mp4'],
    ['a NUL', 'https://media.obs.test/users/ann/film.mp4%00.jpg'],
    ['a line break', 'https://media.obs.test/users/ann/film%0d%0a.mp4'],
    ['another bucket', 'https://private.obs.test/users/ann/film.mp4'],
    ['a bucket with the same beginning', 'https://media-private.obs.test/users/ann/film.mp4'],
    ['another host', 'https://media.obs.test.evil.test/users/ann/film.mp4'],
    ['a user before another host', 'https://media.obs.test@evil.test/users/ann/film.mp4'],
    ['another scheme', 'http://media.obs.test/users/ann/film.mp4'],
    ['another port', 'https://media.obs.test:8443/users/ann/film.mp4'],
    ['no scheme', '//media.obs.test/users/ann/film.mp4'],
    ['only a path', '/users/ann/film.mp4'],
    ['an empty string', ''],
  ])('is refused with 403: %s', (_, url) => {
    expect(refusal(() => targetOf(url, ann, policy))).toBe(403);
  });

  it.each([
    ['bytes that are not UTF-8', 'https://media.obs.test/users/ann/%ff'],
    ['a broken escape', 'https://media.obs.test/users/ann/%4'],
    ['two queries', 'https://media.obs.test/users/ann/a?uploads?acl'],
    ['a fragment', 'https://media.obs.test/users/ann/a#?uploads'],
  ])('is refused with 400: %s', (_, url) => {
    expect(refusal(() => targetOf(url, ann, policy))).toBe(400);
  });

  it('is under the prefix that the policy returns for the user', () => {
    const byTeam = { ...policy, keyPrefix: () => 'teams/red/' };
    expect(targetOf('https://media.obs.test/teams/red/a', ann, byTeam).key).toBe('teams/red/a');
    expect(refusal(() => targetOf('https://media.obs.test/users/ann/a', ann, byTeam))).toBe(403);
  });

  it.each(['', '/', '/a/', 'a', undefined])('is refused if the policy returns the prefix %p', (prefix) => {
    expect(refusal(() => prefixFor(ann, { keyPrefix: () => prefix as string }))).toBe(403);
  });

  it.each(['', '..', 'ann/../bob', 'a b', 'ä', 'x'.repeat(65)])('is refused for the user id %p', (id) => {
    expect(refusal(() => keyPrefixOf({ id }))).toBe(403);
  });
});

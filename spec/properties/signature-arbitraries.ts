import fc from 'fast-check';

/** A key of any valid Unicode, without dot segments, which no URL can carry. */
export const anyKey: fc.Arbitrary<string> = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 30 })
  .filter((key) => !/(?:^|\/)\.{1,2}(?:\/|$)/.test(key));

/** Keys that look like file names. */
export const plausibleKey: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom('a', 'Z', '0', ' ', '+', '%', '~', '(', "'", '!', '*', '&', '=', '#', '?', 'ü', '中', '🚀', '/'),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map((characters) => characters.join(''));

export const bucketName: fc.Arbitrary<string> = fc.stringMatching(/^[a-z][a-z0-9-]{1,20}[a-z0-9]$/);

export const credentials: fc.Arbitrary<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly securityToken: string | null;
}> = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
  secretAccessKey: fc.stringMatching(/^[A-Za-z0-9+/]{20,90}$/),
  securityToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/]{10,80}={0,2}$/)),
});

/** Characters that the SDK leaves unchanged in header values, and some beyond ASCII, which it encodes. */
const headerCharacter = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Array.from('abcXYZ019-_.~;/?:@&=+$,')) },
  { weight: 1, arbitrary: fc.constantFrom('ü', '中', '🚀', 'é') },
);
const word = fc.array(headerCharacter, { minLength: 1, maxLength: 8 }).map((characters) => characters.join(''));

/** Words with single spaces between them. */
export const headerValue: fc.Arbitrary<string> = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .map((words) => words.join(' '));

export const metadata: fc.Arbitrary<Record<string, string>> = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/), headerValue), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));

/** Epoch milliseconds in whole seconds, the resolution of signatures. */
export const date: fc.Arbitrary<number> = fc
  .integer({ min: 10 ** 8, max: 4 * 10 ** 9 })
  .map((seconds) => seconds * 1000);

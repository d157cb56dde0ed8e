import { InvalidOptionsError, type Dialect, type UploadOptions } from 'rx-obs-upload';
import { fakeSource } from 'rx-obs-upload/testing';
import { trafficLimitSigning, ways } from '../support/signed-worlds.js';
import { expectObject } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

type Headers = Readonly<Record<string, string>>;

/** Options and the headers that they become in the first request: initiate or a single PUT. */
const options: readonly (readonly [string, Partial<UploadOptions>, (dialect: Dialect) => Headers])[] = [
  ['acl', { acl: 'public-read' }, ({ headerPrefix }) => ({ [`${headerPrefix}acl`]: 'public-read' })],
  [
    'storageClass',
    { storageClass: 'WARM' },
    ({ headerPrefix, storageClasses }) => ({ [`${headerPrefix}storage-class`]: storageClasses.WARM ?? '' }),
  ],
  ['metadata', { metadata: { Owner: 'é' } }, ({ headerPrefix }) => ({ [`${headerPrefix}meta-owner`]: '%C3%A9' })],
  ['tagging', { tagging: { 'a b': 'c&d' } }, ({ headerPrefix }) => ({ [`${headerPrefix}tagging`]: 'a%20b=c%26d' })],
  [
    'websiteRedirectLocation',
    { websiteRedirectLocation: '/b' },
    ({ headerPrefix }) => ({ [`${headerPrefix}website-redirect-location`]: '/b' }),
  ],
  [
    'sse with KMS',
    { sse: { type: 'kms', keyId: 'key' } },
    ({ headerPrefix, kms, kmsKeyIdHeader }) => ({
      [`${headerPrefix}server-side-encryption`]: kms,
      [headerPrefix + kmsKeyIdHeader]: 'key',
    }),
  ],
  [
    'contentType and the like',
    { contentType: 'text/plain', cacheControl: 'no-store', contentDisposition: 'inline', contentLanguage: 'de' },
    () => ({
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      'content-disposition': 'inline',
      'content-language': 'de',
    }),
  ],
  ['expires', { expires: 7 }, ({ headerPrefix }) => ({ [`${headerPrefix}expires`]: '7' })],
];

const kinds = [
  { multipart: 'auto', begins: 'putObject', makes: 'putObject' },
  { multipart: 'always', begins: 'initiateMultipartUpload', makes: 'completeMultipartUpload' },
] as const;

describe.each(ways)('options of the object, $name', ({ dialect, world: createWorld }) => {
  const isSupported = (name: string): boolean => !dialect.unsupported.some((option) => option === name);

  it.each(options.filter(([name]) => isSupported(name)))('%s', (_, given, headersOf) => {
    for (const { multipart, begins } of kinds) {
      const { fake, file, upload } = createWorld({}, fakeSource({ size: 10 }));
      expect(runVirtually(() => record(upload({ ...given, multipart }))).error).toBeUndefined();
      expect(fake.arrivals(begins)[0]?.headers).toMatchObject(headersOf(dialect));
      expectObject(fake, 'film.mp4', file);
      const own = Object.keys(headersOf(dialect)).filter((name) => name.startsWith(dialect.headerPrefix));
      const stored = Object.keys(fake.object('film.mp4')?.options ?? {});
      expect(stored).toEqual(expect.arrayContaining(own.map((name) => name.slice(dialect.headerPrefix.length))));
    }
  });

  it('forbidOverwrite is sent with the request that creates the object, and named in its error', () => {
    const [name, value] = dialect.forbidOverwrite;
    for (const { multipart, makes } of kinds) {
      const { fake, upload } = createWorld({}, fakeSource({ size: 10 }));
      expect(runVirtually(() => record(upload({ forbidOverwrite: true, multipart }))).error).toBeUndefined();
      const sent = fake.log.filter(({ headers }) => headers[name.toLowerCase()] === value);
      expect(sent.map(({ operation }) => operation)).toEqual([makes]);
      fake.putObject(fake.bucket, 'film.mp4', new Uint8Array(3));
      const { error } = runVirtually(() => record(upload({ forbidOverwrite: true, multipart })));
      expect(error).toMatchObject({ code: 'service', retryable: false });
      expect((error as Error).message).toContain('forbidOverwrite');
      expect(fake.object('film.mp4')?.size).toBe(3);
    }
  });

  it.each<[string, Partial<UploadOptions>]>([
    ['expires', { expires: 7 }],
    ['callback', { callback: { url: 'https://app.test/done', body: 'a=b' } }],
    ['ifMatch', { ifMatch: 'f00' }],
  ])('%s is rejected before any request if the store has no header for it', (name, given) => {
    if (isSupported(name)) return;
    const { fake, upload } = createWorld();
    const { error } = runVirtually(() => record(upload(given)));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ option: name });
    expect(fake.log).toEqual([]);
  });
});

describe.each(trafficLimitSigning)(
  'forbidOverwrite where If-None-Match is ignored, $name',
  ({ world: createWorld }) => {
    it.each(kinds)('protects an object from $makes by the header of OBS', ({ multipart, makes }) => {
      const { fake, upload } = createWorld({ conditionalWrites: false }, fakeSource({ size: 10 }));
      fake.putObject(fake.bucket, 'film.mp4', new Uint8Array(3));
      const { error } = runVirtually(() => record(upload({ forbidOverwrite: true, multipart })));
      expect(error).toMatchObject({
        operation: makes,
        status: 409,
        serviceCode: 'ObjectAlreadyExists',
        retryable: false,
      });
      expect((error as Error).message).toContain('forbidOverwrite');
      expect(fake.object('film.mp4')?.size).toBe(3);
    });
  },
);

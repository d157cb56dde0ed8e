import fc from 'fast-check';
import * as any from './signature-arbitraries.js';
import { encodeKey, encodeStrict } from '../../lib/protocol/request/url.js';
import { resourceOf, urlOf, type Endpoint } from '../../lib/protocol/request/endpoint.js';
import { obsSigner, v2Signer } from '../../lib/signing/v2.js';
import { parametersOf } from '../../lib/signing/signed-text.js';
import type { Signer, UrlSigner } from '../../lib/signing/signer.js';
import { v4Signer } from '../../lib/signing/v4.js';
import { plainRequest, signedBy } from '../unit/signing/signed-by.js';

const endpoint: Endpoint = { protocol: 'https:', host: 'obs.example.com', addressing: 'virtual-hosted' };

describe('a key in a URL', () => {
  const keyOfPlane = (plane: number): fc.Arbitrary<string> =>
    fc
      .array(
        fc.integer({ min: plane * 0x10000, max: plane * 0x10000 + 0xffff }).filter((c) => c < 0xd800 || c > 0xdfff),
        { minLength: 1, maxLength: 20 },
      )
      .map((codePoints) => String.fromCodePoint(...codePoints));

  it.each(Array.from({ length: 17 }, (_, plane) => [plane]))(
    'survives encoding and decoding, with characters of plane %i',
    (plane) => {
      fc.assert(
        fc.property(keyOfPlane(plane), (key) => {
          const encoded = encodeKey(key);
          expect(encoded).toMatch(/^(?:[A-Za-z0-9\-_.~/]|%[0-9A-F]{2})*$/);
          expect(decodeURIComponent(encoded)).toBe(key);
          expect(Buffer.from(unescapeBytes(encoded)).equals(Buffer.from(key, 'utf8'))).toBe(true);
        }),
        { seed: plane, numRuns: 100 },
      );
    },
  );

  it('is not changed by the URL parser of the client', () => {
    fc.assert(
      fc.property(any.anyKey, (key) => {
        const url = urlOf(endpoint, { bucket: 'media', key }, []);
        expect(new URL(url).href).toBe(url);
        expect(`/media${new URL(url).pathname}`).toBe(resourceOf(endpoint, { bucket: 'media', key }));
      }),
      { seed: 20, numRuns: 300 },
    );
  });

  it('leaves the query parameters intact', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(any.anyKey, fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z-]+$/), fc.option(text))), (key, query) => {
        expect(parametersOf(urlOf(endpoint, { bucket: 'media', key }, query))).toEqual(query);
      }),
      { seed: 21, numRuns: 300 },
    );
  });
});

const signers: [string, Signer & UrlSigner][] = [
  ['obsSigner', obsSigner()],
  ['v2Signer', v2Signer()],
  ['v4Signer', v4Signer({ region: 'eu-1' })],
];

describe.each(signers)('%s', (_, signer) => {
  const prefix = signer.dialect.headerPrefix;
  const inputs = fc.record({
    secretAccessKey: fc.string({ minLength: 1 }),
    securityToken: fc.stringMatching(/^[!-~]{1,30}$/),
    key: any.anyKey,
    uploadId: fc.string({ unit: 'binary', minLength: 1 }),
    metadata: fc.stringMatching(/^[!-~]{1,30}$/),
    contentType: fc.stringMatching(/^[!-~]{1,30}$/),
    date: fc.integer({ min: 10 ** 9, max: 2 * 10 ** 9 }).map(String),
  });
  type Input = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

  const presignArguments = (input: Input): Parameters<UrlSigner['presign']> => {
    const target = { bucket: 'media', key: input.key };
    const url = urlOf(endpoint, target, [['uploadId', input.uploadId]]);
    const headers = { 'Content-Type': input.contentType, [`${prefix}meta-name`]: input.metadata };
    const credentials = {
      accessKeyId: 'AK',
      secretAccessKey: input.secretAccessKey,
      securityToken: input.securityToken,
    };
    const context = { credentials, date: Number(input.date) * 1000, resource: resourceOf(endpoint, target) };
    return [plainRequest('PUT', url, headers), { ...context, expiresInSeconds: 60 }];
  };
  const headerSignature = (input: Input): string | undefined => {
    const [request, context] = presignArguments(input);
    const { url, headers } = signedBy(signer, plainRequest('PUT', request.url, request.headers), context);
    expect(url).toBe(request.url);
    return /[^:=]+=?$/.exec(headers.Authorization ?? '')?.[0];
  };
  const urlSignature = (input: Input): string | null => {
    const { searchParams } = new URL(signer.presign(...presignArguments(input)).url);
    return searchParams.get('Signature') ?? searchParams.get('X-Amz-Signature');
  };

  it('signs equal requests alike, and different requests differently', () => {
    const field = fc.constantFrom<(keyof Input)[]>(
      'secretAccessKey',
      'securityToken',
      'key',
      'uploadId',
      'metadata',
      'contentType',
      'date',
    );
    fc.assert(
      fc.property(inputs, field, fc.nat(), (signed, name, position) => {
        const changed = { ...signed, [name]: changeOneCharacter(signed[name], position) };
        expect(headerSignature(signed)).toBe(headerSignature({ ...signed }));
        expect(headerSignature(changed)).not.toBe(headerSignature(signed));
        expect(urlSignature(changed)).not.toBe(urlSignature(signed));
      }),
      { seed: 22, numRuns: 300 },
    );
  });

  it('never sends the secret access key', () => {
    fc.assert(
      fc.property(inputs, (generated) => {
        const secretAccessKey = 'a-secret-that-is-nowhere-else';
        const [request, context] = presignArguments({ ...generated, secretAccessKey });
        const header = signedBy(signer, plainRequest('PUT', request.url, request.headers), context);
        expect(JSON.stringify([header, signer.presign(request, context)])).not.toContain(secretAccessKey);
      }),
      { seed: 23, numRuns: 50 },
    );
  });

  it('ignores the order of the query parameters', () => {
    const context = { credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' }, date: 0, resource: '/media/k' };
    const parameters = ['partNumber=7', 'uploads', `uploadId=${encodeStrict('a/b=&')}`, 'max-parts=2'];
    const authorizations = [parameters, [...parameters].reverse()].map((query) => {
      const request = plainRequest('GET', `https://media.obs.example.com/k?${query.join('&')}`, {});
      return signedBy(signer, request, context).headers.Authorization;
    });
    expect(authorizations[0]).toBe(authorizations[1]);
  });
});

/** Replaces one character with another printable ASCII character, or a digit with another digit. */
function changeOneCharacter(text: string, position: number): string {
  const characters = Array.from(text);
  const index = position % characters.length;
  const others = /^\d+$/.test(text) ? '12' : 'ab';
  characters[index] = characters[index] === others[0] ? (others[1] as string) : (others[0] as string);
  return characters.join('');
}

function unescapeBytes(encoded: string): Uint8Array {
  const bytes = encoded.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}

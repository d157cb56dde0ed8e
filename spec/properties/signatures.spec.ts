import fc from 'fast-check';
import { encodeKey, encodeStrict } from '../../lib/protocol/encode.js';
import { resourceOf, urlOf, type Endpoint } from '../../lib/protocol/endpoint.js';
import { obsSigner } from '../../lib/signing/v2.js';
import { parametersOf } from '../../lib/signing/signed-text.js';
import type { Signer, UrlSigner } from '../../lib/signing/signer.js';
import { v2Signer } from '../../lib/signing/v2.js';
import { v4Signer } from '../../lib/signing/v4.js';
import * as any from './signature-arbitraries.js';
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

  it.each(Array.from({ length: 17 }, (_, plane) => [plane]))('comes back whole from plane %i', (plane) => {
    fc.assert(
      fc.property(keyOfPlane(plane), (key) => {
        const encoded = encodeKey(key);
        expect(encoded).toMatch(/^(?:[A-Za-z0-9\-_.~/]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(encoded)).toBe(key);
        expect(Buffer.from(unescapeBytes(encoded)).equals(Buffer.from(key, 'utf8'))).toBe(true);
      }),
      { seed: plane, numRuns: 100 },
    );
  });

  it('is not changed by the URL parser of the sender', () => {
    fc.assert(
      fc.property(any.anyKey, (key) => {
        const url = urlOf(endpoint, { bucket: 'media', key }, []);
        expect(new URL(url).href).toBe(url);
        expect(`/media${new URL(url).pathname}`).toBe(resourceOf(endpoint, { bucket: 'media', key }));
      }),
      { seed: 20, numRuns: 300 },
    );
  });

  it('and every parameter beside it are read as they were written', () => {
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
  const parts = fc.record({
    secretAccessKey: fc.string({ minLength: 1 }),
    securityToken: fc.stringMatching(/^[!-~]{1,30}$/),
    key: any.anyKey,
    uploadId: fc.string({ unit: 'binary', minLength: 1 }),
    metadata: fc.stringMatching(/^[!-~]{1,30}$/),
    contentType: fc.stringMatching(/^[!-~]{1,30}$/),
    date: fc.integer({ min: 10 ** 9, max: 2 * 10 ** 9 }).map(String),
  });
  type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

  const input = (of: Parts): Parameters<UrlSigner['presign']> => {
    const target = { bucket: 'media', key: of.key };
    const url = urlOf(endpoint, target, [['uploadId', of.uploadId]]);
    const headers = { 'Content-Type': of.contentType, [`${prefix}meta-name`]: of.metadata };
    const credentials = { accessKeyId: 'AK', secretAccessKey: of.secretAccessKey, securityToken: of.securityToken };
    const context = { credentials, date: Number(of.date) * 1000, resource: resourceOf(endpoint, target) };
    return [plainRequest('PUT', url, headers), { ...context, expiresInSeconds: 60 }];
  };
  const headerSignature = (of: Parts): string | undefined => {
    const [request, context] = input(of);
    const { url, headers } = signedBy(signer, plainRequest('PUT', request.url, request.headers), context);
    expect(url).toBe(request.url);
    return /[^:=]+=?$/.exec(headers.Authorization ?? '')?.[0];
  };
  const urlSignature = (of: Parts): string | null => {
    const { searchParams } = new URL(signer.presign(...input(of)).url);
    return searchParams.get('Signature') ?? searchParams.get('X-Amz-Signature');
  };

  it('signs the same in the same way, and anything else otherwise', () => {
    const field = fc.constantFrom<(keyof Parts)[]>(
      'secretAccessKey',
      'securityToken',
      'key',
      'uploadId',
      'metadata',
      'contentType',
      'date',
    );
    fc.assert(
      fc.property(parts, field, fc.nat(), (signed, name, position) => {
        const changed = { ...signed, [name]: changeOneCharacter(signed[name], position) };
        expect(headerSignature(signed)).toBe(headerSignature({ ...signed }));
        expect(headerSignature(changed)).not.toBe(headerSignature(signed));
        expect(urlSignature(changed)).not.toBe(urlSignature(signed));
      }),
      { seed: 22, numRuns: 300 },
    );
  });

  it('puts no secret into what is sent', () => {
    fc.assert(
      fc.property(parts, (of) => {
        const secretAccessKey = 'a-secret-that-is-nowhere-else';
        const [request, context] = input({ ...of, secretAccessKey });
        const header = signedBy(signer, plainRequest('PUT', request.url, request.headers), context);
        expect(JSON.stringify([header, signer.presign(request, context)])).not.toContain(secretAccessKey);
      }),
      { seed: 23, numRuns: 50 },
    );
  });

  it('treats parameters alike wherever they stand', () => {
    const context = { credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' }, date: 0, resource: '/media/k' };
    const parameters = ['partNumber=7', 'uploads', `uploadId=${encodeStrict('a/b=&')}`, 'max-parts=2'];
    const authorizations = [parameters, [...parameters].reverse()].map((query) => {
      const request = plainRequest('GET', `https://media.obs.example.com/k?${query.join('&')}`, {});
      return signedBy(signer, request, context).headers.Authorization;
    });
    expect(authorizations[0]).toBe(authorizations[1]);
  });
});

/** Another printable ASCII character or digit in the place of one. */
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

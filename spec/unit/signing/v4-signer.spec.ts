import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { InvalidOptionsError } from '../../../lib/model/errors/errors.js';
import { s3Dialect } from '../../../lib/protocol/s3-dialect.js';
import { canonicalRequestOf, signedHeadersOf, UNSIGNED_PAYLOAD, v4Signer } from '../../../lib/signing/v4.js';
import { plainRequest, signedBy } from './signed-by.js';
import { v4Vectors, type V4Vector } from './vectors.js';
import { expectedV4Signature } from './verify-v4.js';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const resource = '/unused/by/v4';
const may24 = Date.parse('2013-05-24T00:00:00Z');

describe('v4Signer', () => {
  it.each(v4Vectors())('signs %s', (_, vector) => {
    const { headers, url } = signVector(vector);
    expect(url).toBe(vector.request.url);
    expect(headers.Authorization).toBe(vector.expected.authorization);
    expect(headers).toMatchObject(vector.request.headers);
  });

  it.each(v4Vectors())('builds the canonical request of %s', (_, vector) => {
    const text = canonicalRequestOf(vector.request, signedHeadersOf(vector.request), UNSIGNED_PAYLOAD);
    expect(text).toBe(vector.expected.canonicalRequest);
  });

  it("signs the example of AWS's documentation, with the body's hash", () => {
    const url = 'https://examplebucket.s3.amazonaws.com/test%24file.text';
    const headers = { Date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const signed = signedBy(v4Signer({ region: 'us-east-1' }), plainRequest('PUT', url, headers), {
      credentials,
      date: may24,
      resource,
      body: Buffer.from('Welcome to Amazon S3.'),
    });
    expect(signed.headers.Authorization).toMatch(
      /Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/,
    );
  });

  describe('covers', () => {
    const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    const payload = (url: string, size: number | null, body?: Uint8Array | null): string | undefined =>
      signedBy(
        v4Signer({ region: 'r' }),
        { ...plainRequest('PUT', url, {}), size },
        {
          credentials,
          date: may24,
          resource,
          ...(body === undefined ? {} : { body }),
        },
      ).headers['x-amz-content-sha256'];

    it('a small body in memory by its hash, over http and https', () => {
      const body = Buffer.from('<Part/>');
      expect(payload('https://b.test/k', body.length, body)).toBe(hashOf(body));
      expect(payload('http://b.test/k', body.length, body)).toBe(hashOf(body));
    });

    it('a missing body over http by the hash of no bytes', () => {
      expect(payload('http://b.test/k', null)).toBe(hashOf(new Uint8Array()));
      expect(payload('http://b.test/k', 0, null)).toBe(hashOf(new Uint8Array()));
    });

    it('no bodies that are large or not in memory', () => {
      expect(payload('http://b.test/k', 5)).toBe(UNSIGNED_PAYLOAD);
      expect(payload('http://b.test/k', 65_537, new Uint8Array(65_537))).toBe(UNSIGNED_PAYLOAD);
      expect(payload('https://b.test/k', null, null)).toBe(UNSIGNED_PAYLOAD);
    });
  });

  it('creates signatures that an independent implementation verifies', () => {
    const header = fc.tuple(
      fc.stringMatching(/^(?:x-amz-meta-[a-z]{1,8}|content-md5|Content-Type|If-None-Match|X-Amz-Acl)$/),
      fc.stringMatching(/^[!-~][ -~]{0,20}$/),
    );
    const parameter = fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,10}$/), fc.string({ unit: 'binary', maxLength: 8 }));
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 4 }),
        fc.array(parameter, { maxLength: 5 }),
        fc.array(header, { maxLength: 5 }),
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,40}$/)),
        fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (segments, parameters, headers, secretAccessKey, securityToken, date) => {
          const path = segments.map(encodeStrictly).filter((segment) => !/^\.{1,2}$/.test(segment));
          const query = parameters.map(([name, value]) => (value ? `${name}=${encodeStrictly(value)}` : name));
          const url = `https://b.test:8443/${path.join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
          const request = plainRequest('PUT', url, Object.fromEntries(dedupe(headers)));
          const signed = signedBy(v4Signer({ region: 'eu-1' }), request, {
            credentials: { accessKeyId: 'AK', secretAccessKey, securityToken },
            date: date.getTime(),
            resource,
          });
          const expected = expectedV4Signature({ method: 'PUT', ...signed }, secretAccessKey);
          expect(signed.headers.Authorization?.split('Signature=')[1]).toBe(expected);
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });

  it('signs every header but Cache-Control, which proxies rewrite', () => {
    const request = plainRequest('PUT', 'https://b.test/k', { 'Cache-Control': 'no-store', 'Content-Language': 'de' });
    const { headers } = signedBy(v4Signer({ region: 'r' }), request, { credentials, date: may24, resource });
    expect(headers.Authorization).toContain('SignedHeaders=content-language;host;x-amz-content-sha256;x-amz-date,');
    expect(headers['Cache-Control']).toBe('no-store');
  });

  it('uses the current credentials and day, whatever it signed before', () => {
    const signer = v4Signer({ region: 'eu-1', service: 's3' });
    const dayMs = 24 * 60 * 60_000;
    for (const date of [may24, may24 + dayMs, may24, may24 + 1000]) {
      for (const secretAccessKey of ['one', 'two', 'one']) {
        const request = plainRequest('GET', 'https://b.test/k', {});
        const context = { credentials: { accessKeyId: 'AK', secretAccessKey }, date, resource };
        expect(signedBy(signer, request, context)).toEqual(signedBy(v4Signer({ region: 'eu-1' }), request, context));
      }
    }
  });

  it.each(['', 'eu west', 'eu/s3', undefined as unknown as string])('refuses the region %p', (region) => {
    expect(() => v4Signer({ region })).toThrow(InvalidOptionsError);
  });

  it('uses the dialect of S3', () => {
    expect(v4Signer({ region: 'r' }).dialect).toBe(s3Dialect);
  });
});

function signVector({ input, request }: V4Vector): ReturnType<typeof signedBy> {
  const added = /^x-amz-(?:date|content-sha256|security-token)$/;
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !added.test(name)));
  const date = input.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return signedBy(v4Signer({ region: input.region }), plainRequest(request.method, request.url, headers), {
    credentials: input,
    date: Date.parse(date),
    resource,
  });
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** One header per name, whatever its case. */
function dedupe(headers: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return [...new Map(headers.map((header) => [header[0].toLowerCase(), header])).values()];
}

import { NetworkError, SigningError, toUploadErrorInfo } from 'rx-obs-upload';

function causeOf(cause: unknown): string | null {
  return toUploadErrorInfo(new SigningError('presign', 'The backend refuses to sign.', { cause })).cause;
}

const httpError = { name: 'HttpErrorResponse', message: 'Http failure response for /api/sign: 401 Unauthorized' };

describe('the cause of an error, as text', () => {
  it.each([
    ['an error of Angular', { ...httpError, status: 401 }, `${httpError.name}: ${httpError.message}`],
    ['an error with a status', Object.assign(new Error('refused'), { status: 401 }), 'Error: refused (HTTP 401)'],
    ['a thrown response', new Response(null, { status: 403 }), 'HTTP 403'],
    ['an error', new TypeError('Failed to fetch'), 'TypeError: Failed to fetch'],
    ['a string', 'no session', 'no session'],
    ['a number', 401, '401'],
    ['a symbol', Symbol('refused'), 'Symbol(refused)'],
    ['an error of this library', new NetworkError('network', 'It broke.'), 'NetworkError: It broke.'],
    ['more than one line', new Error('a\n\u001b[31mb'), 'Error: a [31mb'],
  ])('describes %s', (_, cause, text) => {
    expect(causeOf(cause)).toBe(text);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a function', () => 'secret'],
  ])('is null for %s', (_, cause) => {
    expect(causeOf(cause)).toBeNull();
  });

  it('is null if it cannot be read', () => {
    const hostile = {
      get message(): string {
        throw new Error('no');
      },
    };
    expect(causeOf(hostile)).toBeNull();
  });

  it.each([
    ['a query', 'GET https://iam.test/v3/token?id=SECRETSECRET failed', 'GET https://iam.test/v3/token?… failed'],
    ['a query without names', 'GET https://iam.test/a?SECRETSECRET failed', 'GET https://iam.test/a?… failed'],
    ['the query of a path', 'GET "/api/sts?sid=SECRETSECRET" failed', 'GET "/api/sts?…" failed'],
    ['a user in a URL', 'https://ann:SECRETSECRET@iam.test/ failed', 'https://…@iam.test/ failed'],
    ['a signature', 'Signature=SECRETSECRET is wrong', 'Signature=… is wrong'],
    ['a header', 'Authorization: Bearer SECRETSECRETSECRET was refused', 'Authorization: … was refused'],
    ['JSON', '{"secretAccessKey":"SECRETSECRET","user":"ann"}', '{"secretAccessKey":"…","user":"ann"}'],
    ['a token', 'eyJhbGciOiJIUzI1NiJ9.SECRETSECRET.SECRETSECRET has expired', '… has expired'],
    ['a cookie', 'Cookie: sid=SECRETSECRET was refused', 'Cookie: … was refused'],
  ])('hides the secret in %s', (_, message, shown) => {
    const text = causeOf(new Error(message)) ?? '';
    expect(text).not.toContain('SECRET');
    expect(text).toBe(`Error: ${shown}`);
  });

  it('is short, and is read in linear time', () => {
    expect(causeOf(new Error('x'.repeat(1_000_000)))).toHaveLength(300);
    for (const text of ['://', '?a=', 'eyJa', 'cookie:', '?', 'https://']) {
      expect(causeOf(new Error(text.repeat(100_000)))?.length).toBeLessThanOrEqual(300);
    }
  });

  it('is set for errors from outside this library too, and survives JSON', () => {
    const info = toUploadErrorInfo(new Error('It broke.', { cause: new Error('The disk is full.') }));
    expect(info).toMatchObject({ code: 'unexpected', cause: 'Error: The disk is full.' });
    expect(JSON.parse(JSON.stringify(info))).toEqual(info);
    expect(toUploadErrorInfo(new NetworkError('network', 'It broke.')).cause).toBeNull();
  });

  it.each<[string, unknown]>([
    ['has no text', Object.create(null)],
    [
      'has a text that cannot be read',
      {
        toString(): string {
          throw new Error('no');
        },
      },
    ],
  ])('is null for a thrown object that %s', (_, error) => {
    const { code, message, cause } = toUploadErrorInfo(error);
    expect([code, message, cause]).toEqual(['unexpected', 'The value that was thrown cannot be read.', null]);
  });
});

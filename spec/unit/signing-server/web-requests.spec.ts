import { createObsConnection, InvalidOptionsError, obsSigner, s3Dialect, type SignedRequest } from 'rx-obs-upload';
import { createSigningHandler, type SigningHandlerOptions } from 'rx-obs-upload/signing-server';
import { createFakeObs, on } from 'rx-obs-upload/testing';
import { throwError } from 'rxjs';
import { ann, connection } from './support.js';

const ADDRESS = 'https://app.example/api/sign';
const head = { method: 'HEAD', url: 'https://media.obs.test/users/ann/a', headers: {}, size: null };
const policy = { buckets: ['media'] };

function post(body: unknown, headers: Record<string, string> = {}): Request {
  const init = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  };
  return new Request(ADDRESS, init);
}

async function statusOf(options: Partial<SigningHandlerOptions>, request: Request, context?: unknown): Promise<number> {
  const handler = createSigningHandler({ connection, policy, authorize: () => ann, ...options });
  return (await handler(request, context)).status;
}

describe('a signing handler of web requests', () => {
  it('responds with the signed requests, which are never cached', async () => {
    const handler = createSigningHandler({ connection, policy, authorize: () => Promise.resolve(ann) });
    const response = await handler(post([head, head]));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const signed = (await response.json()) as SignedRequest[];
    expect(signed).toHaveLength(2);
    expect(signed[0]?.url).toMatch(/^https:\/\/media\.obs\.test\/users\/ann\/a\?.*Signature=/);
  });

  it('calls authorize with the request and the context of the server', async () => {
    const authorize = jest.fn(() => ann);
    const request = post([head]);
    await statusOf({ authorize }, request, 'context');
    expect(authorize.mock.calls).toEqual([[request, 'context']]);
  });

  it('accepts a request without a signal', async () => {
    const request = Object.defineProperty(post([head]), 'signal', { value: undefined });
    expect(await statusOf({}, request)).toBe(200);
  });

  it.each([null, undefined])('refuses a user that is %p', async (user) => {
    expect(await statusOf({ authorize: () => user }, post([head]))).toBe(401);
  });

  it.each([true, {}, { id: 7 }, 'ann'])(
    'signs nothing for the invalid user %j, and passes the reason to onError',
    async (user) => {
      const errors: unknown[] = [];
      const onError = (error: unknown): void => void errors.push(error);
      const ownFile = { ...head, url: 'https://media.obs.test/users/undefined/a' };
      expect(await statusOf({ authorize: () => user as never, onError }, post([ownFile]))).toBe(502);
      expect(String(errors[0])).toContain('authorize must return');
    },
  );

  describe('signs for anonymous users', () => {
    it('never by default: without authorize there is no handler', () => {
      expect(() => createSigningHandler({ connection, policy })).toThrow(InvalidOptionsError);
      expect(() => createSigningHandler({ connection, policy, allowAnonymous: false })).toThrow('authorize');
    });

    it('only with allowAnonymous, and only in their folder', async () => {
      const anonymous = { allowAnonymous: true, authorize: undefined };
      expect(await statusOf(anonymous, post([head]))).toBe(403);
      const ownFile = { ...head, url: 'https://media.obs.test/users/anonymous/a' };
      expect(await statusOf(anonymous, post([ownFile]))).toBe(200);
      expect(await statusOf({ allowAnonymous: true, authorize: () => null }, post([ownFile]))).toBe(200);
      expect(await statusOf({ allowAnonymous: true, authorize: () => ann }, post([ownFile]))).toBe(403);
    });
  });

  it.each([
    ['its own host', 'https://app.example', 200],
    ['an allowed host', 'https://pages.example', 200],
    ['another host', 'https://evil.example', 403],
    ['a file', 'null', 403],
  ])('checks the origin of a page of %s: %s gets %d', async (_, origin, status) => {
    const allowedOrigins = ['https://pages.example'];
    expect(await statusOf({ allowedOrigins }, post([head], { Origin: origin }))).toBe(status);
  });

  it.each([
    ['GET', new Request(ADDRESS), 405],
    ['no body', new Request(ADDRESS, { method: 'POST', headers: { 'Content-Type': 'application/json' } }), 400],
    ['a body of another type', new Request(ADDRESS, { method: 'POST', body: '[]' }), 415],
    ['more than 64 requests', post(Array.from({ length: 65 }, () => head)), 400],
    ['a body that is too long', post('x'.repeat(300_000)), 413],
  ])('refuses %s', async (_, request, status) => {
    expect(await statusOf({}, request)).toBe(status);
  });

  it('limits the number of signed requests per user and minute', async () => {
    const handler = createSigningHandler({
      connection,
      policy: { ...policy, maxSignaturesPerMinute: 3 },
      authorize: () => ann,
    });
    expect((await handler(post([head, head]))).status).toBe(200);
    const refused = await handler(post([head, head]));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
  });

  it('passes errors to onError, and only a general message to the page', async () => {
    const fake = createFakeObs();
    const { credentials, transport, server } = fake;
    fake.addFaults(on('listMultipartUploads', { times: Infinity }).respond(403, 'AccessDenied'));
    const errors: unknown[] = [];
    const handler = createSigningHandler({
      connection: createObsConnection({ server, credentials, transport }),
      policy,
      authorize: () => ann,
      onError: (error) => {
        errors.push(error);
        throw new Error('The log is full.');
      },
    });
    const abort = { ...head, method: 'DELETE', url: `${head.url}?uploadId=U` };
    const response = await handler(post([abort]));
    expect(response.status).toBe(502);
    expect(await response.text()).not.toMatch(/AccessDenied|listMultipartUploads/);
    expect(errors).toMatchObject([{ serviceCode: 'AccessDenied' }]);
  });

  it('never rejects, even if authorize or the credentials fail', async () => {
    const failing = (): never => {
      throw new Error('The database is down.');
    };
    expect(await statusOf({ authorize: failing }, post([head]))).toBe(502);
    const failingConnection = createObsConnection({
      server: 'https://obs.test',
      credentials: () => throwError(() => new Error('IAM is down.')),
    });
    expect(await statusOf({ connection: failingConnection }, post([head]))).toBe(502);
  });

  it.each([
    ['a backend signs', { presign: () => Promise.resolve([]), dialect: s3Dialect }],
    [
      'a signer signs headers only',
      {
        credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' },
        signer: { dialect: s3Dialect, sign: obsSigner().sign },
      },
    ],
  ])('refuses a connection that cannot sign URLs, as %s', (_, options) => {
    const other = createObsConnection({ server: 'https://obs.test', ...options });
    expect(() => createSigningHandler({ connection: other, policy, authorize: () => ann })).toThrow('connection');
  });

  it.each([
    ['policy.buckets', { buckets: [] }],
    ['policy.keyPrefix', { ...policy, keyPrefix: 'users/' as never }],
    ['policy.allowedHeaders', { ...policy, allowedHeaders: ['X-Obs-Storage-Class'] }],
    ['policy.allowedTypes', { ...policy, allowedTypes: 'text/css, text/html5' as never }],
    ['policy.maxPartBytes', { ...policy, maxPartBytes: 0 }],
    ['policy.maxSignaturesPerMinute', { ...policy, maxSignaturesPerMinute: 1.5 }],
  ])('refuses an invalid %s', (option, wrong) => {
    expect(() => createSigningHandler({ connection, policy: wrong, authorize: () => ann })).toThrow(option);
  });
});

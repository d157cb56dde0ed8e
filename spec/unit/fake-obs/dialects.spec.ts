import { createHash } from 'node:crypto';
import { createFakeObs, type FakeObs } from '../../../lib/testing/index.js';
import type { TransportResponse } from '../../../lib/ports/transport/transport.js';
import { answerOf, textOf } from '../testing/client.js';
import { signHeader, signQuery, signV4, signV4Query, type Unsigned } from './sign.js';

type Headers = Readonly<Record<string, string>>;

interface SigningMethod {
  readonly name: string;
  readonly prefix: 'x-obs-' | 'x-amz-';
  /** A URL and headers that carry the signature. */
  sign(obs: FakeObs, request: Unsigned): { readonly url: string; readonly headers: Headers };
}

const at = (obs: FakeObs): { now: number; bucket: string } => ({ now: obs.now(), bucket: 'media' });
const soon = (obs: FakeObs): number => Math.floor(obs.now() / 1000) + 60;

function byHeader(
  name: string,
  prefix: SigningMethod['prefix'],
  sign: (obs: FakeObs, request: Unsigned) => Headers,
): SigningMethod {
  return { name, prefix, sign: (obs, request) => ({ url: request.url, headers: sign(obs, request) }) };
}

function byQuery(
  name: string,
  prefix: SigningMethod['prefix'],
  sign: (obs: FakeObs, request: Unsigned) => string,
): SigningMethod {
  return { name, prefix, sign: (obs, request) => ({ url: sign(obs, request), headers: request.headers ?? {} }) };
}

const signingMethods: readonly SigningMethod[] = [
  byHeader('OBS', 'x-obs-', (obs, request) => signHeader(request, obs.credentials, at(obs))),
  byHeader('AWS', 'x-amz-', (obs, request) => signHeader(request, obs.credentials, at(obs), 'x-amz-')),
  byHeader('AWS4', 'x-amz-', (obs, request) => signV4(request, obs.credentials, at(obs))),
  byQuery('an OBS URL', 'x-obs-', (obs, request) => signQuery(request, obs.credentials, soon(obs), at(obs))),
  byQuery('an AWS URL', 'x-amz-', (obs, request) => signQuery(request, obs.credentials, soon(obs), at(obs), 'x-amz-')),
  byQuery('an AWS4 URL', 'x-amz-', (obs, request) => signV4Query(request, obs.credentials, 60, at(obs))),
];

const customerKey = new Uint8Array(32).fill(1);
const extensionHeaders: Headers = {
  acl: 'public-read-write',
  'grant-full-control': 'id=attacker',
  'meta-a': 'b',
  'storage-class': 'COLD',
  'website-redirect-location': 'https://evil.test/',
  expires: '1',
  tagging: 'a=b',
  'server-side-encryption': 'kms',
  'server-side-encryption-customer-algorithm': 'AES256',
  'server-side-encryption-customer-key': Buffer.from(customerKey).toString('base64'),
  'server-side-encryption-customer-key-md5': createHash('md5').update(customerKey).digest('base64'),
  'object-lock-mode': 'COMPLIANCE',
  callback: Buffer.from('{"callbackUrl":"http://evil.test","callbackBody":"k=v"}').toString('base64'),
  'copy-source': '/media/secret',
  'forbid-overwrite': 'true',
  'content-sha256': '0'.repeat(64),
};
const unsigned: Unsigned = { method: 'PUT', url: 'https://media.obs.test/k' };
const body = new TextEncoder().encode('content');

function prefixed(prefix: string): [string, string][] {
  return Object.entries(extensionHeaders).map(([name, value]) => [prefix + name, value]);
}

function send(
  obs: FakeObs,
  signing: SigningMethod,
  request: Unsigned,
  extra: Headers,
  content = body,
): TransportResponse {
  const { url, headers } = signing.sign(obs, request);
  const { method } = request as { readonly method: 'PUT' };
  return answerOf(obs.transport.send({ method, url, headers: { ...headers, ...extra }, body: content }));
}

describe.each(signingMethods)('a request signed by $name', (signing) => {
  const foreign = signing.prefix === 'x-obs-' ? 'x-amz-' : 'x-obs-';

  it('ignores headers of the other dialect', () => {
    const called: unknown[] = [];
    const callback = (request: unknown): string => {
      called.push(request);
      return 'called';
    };
    const plain = createFakeObs();
    send(plain, signing, unsigned, {});
    const obs = createFakeObs({ callback });
    obs.putObject('media', 'k', body);
    const extra = Object.fromEntries(prefixed(foreign));
    expect(send(obs, signing, unsigned, extra)).toMatchObject({ status: 200, body: '' });
    expect(obs.object('k')?.headers).toEqual(plain.object('k')?.headers);
    expect(obs.object('k')?.options).toEqual({});
    const initiated = send(obs, signing, { method: 'POST', url: 'https://media.obs.test/m?uploads' }, extra);
    expect(textOf(initiated.body, 'UploadId')).not.toBe('');
    expect(obs.state.uploads.get(textOf(initiated.body, 'UploadId'))?.headers.extension).toEqual({});
    expect(called).toEqual([]);
  });

  it.each(prefixed(signing.prefix))('is refused if %s is added without a signature', (name, value) => {
    const obs = createFakeObs();
    expect(send(obs, signing, unsigned, { [name]: value }).status).toBe(403);
    expect(obs.object('k')).toBeNull();
  });

  it('is refused if it is also signed in another way', () => {
    for (const other of signingMethods.filter(({ name }) => name !== signing.name)) {
      const obs = createFakeObs();
      const first = signing.sign(obs, unsigned);
      const both = other.sign(obs, { ...unsigned, url: first.url });
      if (first.url === both.url && first.headers.authorization !== undefined) continue;
      const headers = { ...both.headers, ...first.headers };
      const response = answerOf(obs.transport.send({ method: 'PUT', url: both.url, headers, body }));
      expect([other.name, response.status, textOf(response.body, 'Code')]).toEqual([
        other.name,
        400,
        'InvalidArgument',
      ]);
    }
  });
});

import { createHash, createHmac } from 'node:crypto';

/** A request as a store receives it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The signature that a store expects, computed from the received request as AWS describes it, with Node's crypto and
 * without any code of the library, so that both cannot share a mistake.
 */
export function expectedV4Signature({ method, url, headers }: ReceivedRequest, secret: string): string {
  const address = new URL(url);
  const received = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  received.set('host', address.host);
  const authorization = received.get('authorization');
  const claim =
    authorization === undefined
      ? claimOfQuery(address.searchParams)
      : claimOfHeader(authorization, received.get('x-amz-date'), received.get('x-amz-content-sha256'));
  const query = [...address.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((parameter) => parameter.map(encode))
    .sort((a, b) => Buffer.compare(Buffer.from(a.join('\0')), Buffer.from(b.join('\0'))))
    .map((parameter) => parameter.join('='));
  const lines = claim.signedHeaders
    .split(';')
    .map((name) => `${name}:${(received.get(name) ?? 'missing').split(' ').filter(Boolean).join(' ')}\n`);
  const path = address.pathname.split('/').map((segment) => encode(decodeURIComponent(segment)));
  const canonical = `${method}\n${path.join('/')}\n${query.join('&')}\n${lines.join('')}\n${claim.signedHeaders}\n${claim.payload}`;
  const hash = createHash('sha256').update(canonical, 'utf8').digest('hex');
  let key: Buffer = Buffer.from(`AWS4${secret}`, 'utf8');
  for (const step of claim.scope.split('/')) key = hmac(key, step);
  return hmac(key, `AWS4-HMAC-SHA256\n${claim.date}\n${claim.scope}\n${hash}`).toString('hex');
}

interface Claim {
  readonly scope: string;
  readonly signedHeaders: string;
  readonly date: string;
  readonly payload: string;
}

function claimOfHeader(authorization: string, date = '', payload = ''): Claim {
  const [, scope = '', signedHeaders = ''] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), SignedHeaders=(\S+), Signature=[0-9a-f]{64}$/.exec(authorization) ?? [];
  return { scope, signedHeaders, date, payload };
}

function claimOfQuery(query: URLSearchParams): Claim {
  const get = (name: string): string => query.get(name) ?? '';
  return {
    scope: get('X-Amz-Credential').split('/').slice(1).join('/'),
    signedHeaders: get('X-Amz-SignedHeaders'),
    date: get('X-Amz-Date'),
    payload: 'UNSIGNED-PAYLOAD',
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

/** Percent-encodes each byte as in RFC 3986. */
function encode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

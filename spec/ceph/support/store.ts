import { createHash } from 'node:crypto';
import {
  createSignedUrl,
  v4Signer,
  type ObsCredentials,
  type SignedUrlOptions,
  type UnsignedRequest,
} from 'rx-obs-upload';
import { firstValueFrom, from } from 'rxjs';
import { contentOf } from './world.js';

/** The Ceph cluster that was started for these specs. */
export interface Store {
  readonly port: number;
  /** The port of the gateway that accepts temporary credentials. */
  readonly tokenPort: number;
  readonly credentials: ObsCredentials;
  /** @param exposed - headers that its CORS rule exposes to pages; null: there is no rule */
  makeBucket(bucket: string, exposed?: readonly string[] | null): Promise<void>;
  read(bucket: string, key: string): Promise<StoredObject>;
  /** Credentials that expire, with a security token. */
  temporaryCredentials(): Promise<ObsCredentials>;
}

export interface StoredObject {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly sha256: string;
}

export function cephStore(): Store {
  const port = Number(setting('CEPH_PORT'));
  const tokenPort = Number(setting('CEPH_TOKEN_PORT'));
  const credentials = {
    accessKeyId: setting('CEPH_ACCESS_KEY_ID'),
    secretAccessKey: setting('CEPH_SECRET_ACCESS_KEY'),
  };
  const send = (
    method: SignedUrlOptions['method'],
    target: Pick<SignedUrlOptions, 'bucket' | 'key' | 'query'>,
    body: string | null = null,
  ): Promise<Response> => {
    const signer = v4Signer({ region: 'default' });
    const server = `http://127.0.0.1:${port}`;
    return fetch(createSignedUrl({ server, credentials, signer, method, ...target, expiresInSeconds: 60 }).url, {
      method,
      body,
    });
  };
  /** Calls IAM and STS, which are part of the same gateway (Ceph: "STS in Ceph", "STS Lite"). */
  const administer = async (service: 'iam' | 'sts', parameters: Readonly<Record<string, string>>): Promise<string> => {
    const body = new TextEncoder().encode(new URLSearchParams(parameters).toString());
    const unsigned: UnsignedRequest = {
      operation: 'putObject',
      method: 'POST',
      url: `http://127.0.0.1:${tokenPort}/`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      bucket: '',
      key: null,
      uploadId: null,
      partNumber: null,
      size: body.length,
    };
    const context = { credentials, date: Date.now(), resource: '/', body };
    const signed = await firstValueFrom(from(v4Signer({ region: 'default', service }).sign(unsigned, context)));
    return textOf(await fetch(signed.url, { method: 'POST', headers: signed.headers, body }));
  };
  return {
    port,
    tokenPort,
    credentials,
    async makeBucket(bucket, exposed = ['ETag', 'Date', 'x-amz-request-id']) {
      await textOf(await send('PUT', { bucket, key: null }));
      if (exposed === null) return;
      await textOf(await send('PUT', { bucket, key: null, query: { cors: null } }, corsRule(exposed)));
    },
    async read(bucket, key) {
      const response = await send('GET', { bucket, key });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: Object.fromEntries(response.headers), sha256: sha256(bytes) };
    },
    async temporaryCredentials() {
      await administer('iam', {
        Action: 'PutUserPolicy',
        Version: '2010-05-08',
        UserName: setting('CEPH_USER'),
        PolicyName: 'temporary-keys',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['sts:GetSessionToken', 's3:*'], Resource: '*' }],
        }),
      });
      const response = await administer('sts', {
        Action: 'GetSessionToken',
        Version: '2011-06-15',
        DurationSeconds: '3600',
      });
      const valueOf = (name: string): string => new RegExp(`<${name}>([^<]+)<`).exec(response)?.[1] ?? '';
      return {
        accessKeyId: valueOf('AccessKeyId'),
        secretAccessKey: valueOf('SecretAccessKey'),
        securityToken: valueOf('SessionToken'),
        expiresAt: Date.parse(valueOf('Expiration')),
      };
    },
  };
}

/** The hash of the file that scenarios create with this size and seed. */
export function sha256Of(size: number, seed = 1): string {
  return sha256(contentOf(size, seed));
}

function setting(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error('There is no store to upload to: run these specs by npm run test:ceph.');
}

function corsRule(exposed: readonly string[]): string {
  const elements = (name: string, values: readonly string[]): string =>
    values.map((value) => `<${name}>${value}</${name}>`).join('');
  const rule =
    elements('AllowedOrigin', ['*']) +
    elements('AllowedMethod', ['GET', 'PUT', 'POST', 'DELETE', 'HEAD']) +
    elements('AllowedHeader', ['*']) +
    elements('ExposeHeader', exposed) +
    elements('MaxAgeSeconds', ['600']);
  return `<CORSConfiguration><CORSRule>${rule}</CORSRule></CORSConfiguration>`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function textOf(response: Response): Promise<string> {
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`The store answered ${response.status}: ${text}`);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveConfig, type FakeCredentials } from '../../../lib/fake-obs/state/config.js';
import { createObsMachine } from '../../../lib/fake-obs/machine.js';
import type { RequestHead } from '../../../lib/fake-obs/request/request.js';
import { createStateStore } from '../../../lib/fake-obs/state/state.js';

interface Vector {
  readonly name: string;
  readonly signature: 'obs' | 'v2' | 'sigv4-standard' | 'query-obs' | 'query-v2';
  readonly input: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly securityToken: string | null;
    readonly date: string;
    readonly key?: string;
    readonly Key?: string;
    readonly Method?: string;
  };
  readonly request?: { readonly method: string; readonly url: string; readonly headers: Record<string, string> };
  readonly expected: {
    readonly authorization?: string;
    readonly signedUrl?: string;
    readonly signedHeaders?: Record<string, string>;
  };
}

const path = join(__dirname, '..', '..', 'support', 'signature-vectors.json');
const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly Vector[] };
const now = Date.parse('2024-01-02T03:04:05Z');
const bucket = 'examplebucket';
const headers = { standard: {}, extension: {} };

function headOf(vector: Vector): RequestHead {
  const signed = vector.expected.signedUrl;
  const url = new URL(signed ?? vector.request?.url ?? '');
  const sent = { ...(vector.request?.headers ?? vector.expected.signedHeaders) };
  if (vector.expected.authorization !== undefined) sent.authorization = vector.expected.authorization;
  const lower = Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: vector.request?.method ?? vector.input.Method ?? '',
    host: url.host,
    target: url.pathname + url.search,
    headers: { 'content-length': '0', ...(Object.fromEntries(lower) as Record<string, string>) },
  };
}

/** The error code of the response to a request; null if the request is accepted. */
function codeOf(
  vector: Vector,
  head: RequestHead,
  at = now,
  credentials: Partial<FakeCredentials> = {},
): string | null {
  const store = createStateStore();
  const key = vector.input.key ?? vector.input.Key ?? '';
  const common = { bucket, key, account: 'owner', headers };
  const object = { ...common, size: 0, etag: '', modifiedAt: 0, uploadId: null, bytesId: '' };
  const uploadId = '0000018CC7E2F5A5402E4DB1B6D3A2B1';
  store.apply({ type: 'create-bucket', bucket: { name: bucket, createdAt: 0, objects: new Map([[key, object]]) } });
  store.apply({ type: 'create-upload', upload: { ...common, uploadId, initiatedAt: 0, parts: new Map() } });
  const { accessKeyId, secretAccessKey, securityToken } = vector.input;
  const config = resolveConfig(
    { cnames: { 'obs.custom-domain.com': bucket } },
    {
      now: () => at,
      newId: () => 'id',
      newUploadId: () => 'upload',
      credentials: () => [{ accessKeyId, secretAccessKey, securityToken, ...credentials }],
      serverHosts: ['obs.cn-north-4.myhuaweicloud.com', 'obs.example.com'],
      scheme: 'https',
    },
  );
  const machine = createObsMachine(store.state, config);
  const begun = machine.begin(machine.read(head));
  if (begun.type === 'accepted') return null;
  return /<Code>(.*)<\/Code>/.exec(begun.answer.text)?.[1] ?? `HTTP ${begun.answer.status}`;
}

function flip(text: string, at: number): string {
  const char = text.charAt(at);
  return text.slice(0, at) + (char === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

const refused = (vector: Vector): string => (vector.request?.method === 'HEAD' ? 'HTTP 403' : 'SignatureDoesNotMatch');

describe.each(['obs', 'v2', 'sigv4-standard', 'query-obs', 'query-v2'])('signature %s', (signature) => {
  const selected = vectors.filter((vector) => vector.signature === signature);

  it('has vectors', () => expect(selected.length).toBeGreaterThanOrEqual(14));

  it.each(selected)('accepts $name', (vector) => expect(codeOf(vector, headOf(vector))).toBeNull());

  it.each(selected)('refuses $name with another method, path or key', (vector) => {
    const head = headOf(vector);
    const [rawPath = '', query = ''] = head.target.split('?');
    if (rawPath !== '/') expect(codeOf(vector, { ...head, target: `${rawPath}x?${query}` })).toBe(refused(vector));
    if (/[?&]partNumber=1/.test(head.target)) {
      const target = head.target.replace('partNumber=1', 'partNumber=3');
      expect(codeOf(vector, { ...head, target })).toBe(refused(vector));
    }
    expect(codeOf(vector, head, now, { secretAccessKey: 'another' })).toBe(refused(vector));
    if (rawPath !== '/' && head.method !== 'HEAD') {
      expect(codeOf(vector, { ...head, method: 'HEAD', target: rawPath })).toBe('HTTP 403');
    }
  });

  it.each(selected)('refuses $name with any signed header changed or missing', (vector) => {
    const head = headOf(vector);
    const prefix = signature === 'obs' || signature === 'query-obs' ? 'x-obs-' : 'x-amz-';
    const extensionPrefix = vector.expected.authorization?.startsWith('AWS ') ? 'x-amz-' : prefix;
    const signed = Object.keys(head.headers).filter(
      (name) =>
        (name.startsWith(extensionPrefix) || /^content-(type|md5)$/.test(name)) && !/-date$|-token$|sha256$/.test(name),
    );
    for (const name of signed) {
      const { [name]: value = '', ...others } = head.headers;
      expect(codeOf(vector, { ...head, headers: { ...others, [name]: `${value}x` } })).toBe(refused(vector));
      const missing = codeOf(vector, { ...head, headers: others });
      expect(missing).toBe(refused(vector));
    }
    const added = codeOf(vector, { ...head, headers: { ...head.headers, [`${extensionPrefix}meta-added`]: 'x' } });
    expect(['SignatureDoesNotMatch', 'AccessDenied', 'HTTP 403']).toContain(added);
  });

  it.each(selected)('refuses $name with any character of the signature changed', (vector) => {
    const head = headOf(vector);
    const { authorization } = head.headers;
    const text = authorization ?? head.target;
    const marker = /^(OBS|AWS) /.test(text) ? ':' : 'Signature=';
    for (let at = text.indexOf(marker) + marker.length; at < text.length; at += 7) {
      if (/[%=]|[0-9A-F]{2}$/.test(text.slice(at - 2, at + 1)) && authorization === undefined) continue;
      const corrupted = flip(text, at);
      const changed =
        authorization === undefined
          ? { ...head, target: corrupted }
          : { ...head, headers: { ...head.headers, authorization: corrupted } };
      expect([refused(vector), 'AuthorizationHeaderMalformed']).toContain(codeOf(vector, changed));
    }
  });

  it.each(selected)('refuses $name if it is too late, or with another access key or token', (vector) => {
    const head = headOf(vector);
    const isQuery = vector.expected.signedUrl !== undefined;
    const late = codeOf(vector, head, now + (isQuery ? 3_600_001 : 900_001));
    const isHead = head.method === 'HEAD';
    const expired = vector.signature === 'query-v2' ? 'AccessDenied' : 'RequestTimeTooSkewed';
    expect(late).toBe(isHead ? 'HTTP 403' : expired);
    expect(codeOf(vector, head, now + (isQuery ? 3_600_000 : 900_000))).toBeNull();
    if (!isQuery) expect(codeOf(vector, head, now - 900_001)).toBe(isHead ? 'HTTP 403' : 'RequestTimeTooSkewed');
    expect(codeOf(vector, head, now, { accessKeyId: 'OTHER' })).toBe(isHead ? 'HTTP 403' : 'InvalidAccessKeyId');
    expect(codeOf(vector, head, now, { securityToken: 'other' })).not.toBeNull();
  });
});

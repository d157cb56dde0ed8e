import { resolveConfig, type ObsServiceOptions } from '../../../lib/fake-obs/state/config.js';
import type { ReceivedBody } from '../../../lib/fake-obs/context.js';
import { createObsMachine, type Begun, type ObsMachine } from '../../../lib/fake-obs/machine.js';
import type { RequestHead } from '../../../lib/fake-obs/request/request.js';
import { createStateStore, type StateStore } from '../../../lib/fake-obs/state/state.js';
import { signHeader } from './sign.js';

const credentials = { accessKeyId: 'AK', secretAccessKey: 'SK' };
const now = Date.parse('2024-01-02T03:04:05Z');

function machineOf(options: ObsServiceOptions = {}): { machine: ObsMachine; store: StateStore } {
  const store = createStateStore();
  store.apply({ type: 'create-bucket', bucket: { name: 'media', createdAt: now, objects: new Map() } });
  let ids = 0;
  const front = {
    now: () => now,
    newId: () => String(++ids),
    newUploadId: () => `upload${++ids}`,
    credentials: () => [credentials],
    serverHosts: ['obs.test', 'localhost'],
    scheme: 'http' as const,
  };
  return { machine: createObsMachine(store.state, resolveConfig(options, front)), store };
}

function head(method: string, url: string, headers: Record<string, string> = {}, bucket?: string): RequestHead {
  const { host, pathname, search } = new URL(url);
  const signed = signHeader({ method, url, headers }, credentials, {
    now,
    ...(bucket === undefined ? {} : { bucket }),
  });
  return { method, host, target: pathname + search, headers: signed };
}

function begin(machine: ObsMachine, request: RequestHead): Begun {
  return machine.begin(machine.read(request));
}

function codeOf(begun: Begun): string {
  if (begun.type === 'accepted') return 'accepted';
  return `${begun.answer.status} ${/<Code>(.*)<\/Code>/.exec(begun.answer.text)?.[1] ?? ''}`;
}

const received = (size: number): ReceivedBody => ({
  size,
  etag: '0'.repeat(32),
  md5: null,
  sha256: null,
  trailers: null,
  checksum: null,
  text: null,
  bytesId: 'bytes',
});

describe('createObsMachine', () => {
  it('finds bucket and key in the path, in the host and behind a custom domain', () => {
    const { machine } = machineOf({ cnames: { 'files.example.com': 'media' } });
    const read = (url: string): (string | null)[] => {
      const { bucket, key, resource } = machine.read(head('GET', url));
      return [bucket, key, resource];
    };
    expect(read('http://obs.test/media/a/b%20c')).toEqual(['media', 'a/b c', '/media/a/b%20c']);
    expect(read('http://obs.test/media')).toEqual(['media', null, '/media/']);
    expect(read('http://obs.test/')).toEqual([null, null, '/']);
    expect(read('http://media.obs.test:8080/a//b/')).toEqual(['media', 'a//b/', '/media/a//b/']);
    expect(read('http://media.localhost:80/')).toEqual(['media', null, '/media/']);
    expect(read('http://MEDIA.LOCALHOST/k')).toEqual(['media', 'k', '/media/k']);
    expect(read('http://files.example.com/a%2Bb')).toEqual(['media', 'a+b', '/files.example.com/a%2Bb']);
    expect(read('http://192.168.0.1:9000/media/%E4%B8%AD')).toEqual(['media', '中', '/media/%E4%B8%AD']);
  });

  it('accepts path-style requests unless virtual hosts are required', () => {
    const url = 'http://obs.test/media/k?uploads';
    expect(codeOf(begin(machineOf().machine, head('POST', url)))).toBe('accepted');
    const strict = machineOf({ requiresVirtualHost: true }).machine;
    expect(codeOf(begin(strict, head('POST', url)))).toBe('403 VirtualHostDomainRequired');
    expect(codeOf(begin(strict, head('POST', 'http://media.obs.test/k?uploads', {}, 'media')))).toBe('accepted');
    expect(codeOf(begin(strict, head('GET', 'http://obs.test/')))).toBe('accepted');
  });

  it.each([
    ['POST', '/media/k', '405 MethodNotAllowed'],
    ['PATCH', '/media/k', '405 MethodNotAllowed'],
    ['POST', '/media', '405 MethodNotAllowed'],
    ['PUT', '/', '405 MethodNotAllowed'],
    ['GET', '/media/k?uploads', '405 MethodNotAllowed'],
    ['GET', '/media?acl', '501 NotImplemented'],
    ['POST', '/media/k?append&position=0', '501 NotImplemented'],
    ['GET', '/nowhere', '404 NoSuchBucket'],
    ['GET', '/media/%ff', '400 InvalidURI'],
  ])('refuses %s %s', (method, target, expected) => {
    expect(codeOf(begin(machineOf().machine, head(method, `http://obs.test${target}`)))).toBe(expected);
  });

  it('refuses invalid requests before it reads their body', () => {
    const { machine } = machineOf({ maxBodyBytes: 100 });
    const put = (headers: Record<string, string>): string =>
      codeOf(begin(machine, head('PUT', 'http://obs.test/media/k', headers)));
    expect(put({ 'content-length': '100' })).toBe('accepted');
    expect(put({ 'content-length': '101' })).toBe('400 EntityTooLarge');
    expect(put({})).toBe('411 MissingContentLength');
    expect(put({ 'content-length': '1', 'content-md5': 'short' })).toBe('400 InvalidDigest');
    expect(codeOf(begin(machine, head('PUT', 'http://obs.test/media/k?partNumber=1&uploadId=x')))).toBe(
      '411 MissingContentLength',
    );
  });

  it('compares the body with its Content-Length', () => {
    const { machine } = machineOf();
    const begun = begin(machine, head('PUT', 'http://obs.test/media/k', { 'content-length': '5' }));
    if (begun.type !== 'accepted') throw new Error('refused');
    expect(begun.body).toBe('bytes');
    for (const size of [4, 6]) {
      const { answer, effects } = begun.finish(received(size));
      expect(answer.text).toContain('<Code>IncompleteBody</Code>');
      expect(effects).toEqual([]);
    }
    expect(begun.finish(received(5))).toMatchObject({ answer: { status: 200 }, effects: [{ type: 'put-object' }] });
  });

  it('checks the state again after the body, as it may have changed meanwhile', () => {
    const { machine, store } = machineOf();
    const initiated = begin(machine, head('POST', 'http://obs.test/media/k?uploads'));
    if (initiated.type !== 'accepted') throw new Error('refused');
    const [effect] = initiated.finish(received(0)).effects;
    if (effect?.type !== 'create-upload') throw new Error('no upload');
    store.apply(effect);
    const { uploadId } = effect.upload;
    const url = `http://obs.test/media/k?partNumber=1&uploadId=${uploadId}`;
    const begun = begin(machine, head('PUT', url, { 'content-length': '5' }));
    if (begun.type !== 'accepted') throw new Error('refused');
    store.apply({ type: 'abort-upload', upload: effect.upload });
    expect(begun.finish(received(5)).answer.text).toContain('<Code>NoSuchUpload</Code>');
  });

  it('does not change the state itself', () => {
    const { machine, store } = machineOf();
    const begun = begin(machine, head('POST', 'http://obs.test/media/k?uploads'));
    if (begun.type === 'accepted') begun.finish(received(0));
    expect(store.state.uploads.size).toBe(0);
  });

  it('lists its buckets', () => {
    const begun = begin(machineOf().machine, head('GET', 'http://obs.test/'));
    if (begun.type !== 'accepted') throw new Error('refused');
    expect(begun.finish(received(0)).answer.text).toContain('<Bucket><Name>media</Name>');
  });

  it('adds an id, a date and an XML body to every refusal', () => {
    const begun = begin(machineOf().machine, head('GET', 'http://obs.test/media/a&b'));
    const { answer } = begun.type === 'accepted' ? begun.finish(received(0)) : begun;
    const id = answer.headers['x-obs-request-id'];
    expect(answer.headers).toMatchObject({ date: 'Tue, 02 Jan 2024 03:04:05 GMT', 'content-type': 'application/xml' });
    expect(id).toBeTruthy();
    expect(answer.text).toContain(`<RequestId>${id}</RequestId>`);
    expect(answer.text).toContain('<Resource>/media/a&amp;b</Resource>');
    expect(answer.text).toMatch(/^<\?xml version="1.0" encoding="UTF-8" standalone="yes"\?>\n<Error><Code>/);
  });
});

describe('CORS', () => {
  const origin = 'https://app.example';
  const preflight = (headers: Record<string, string> = {}): RequestHead => ({
    method: 'OPTIONS',
    host: 'media.obs.test',
    target: '/k?partNumber=1&uploadId=x',
    headers: { origin, 'access-control-request-method': 'PUT', ...headers },
  });
  const rule = {
    allowedOrigins: ['https://*.example'],
    allowedMethods: ['PUT'],
    allowedHeaders: ['x-obs-*', 'authorization'],
    exposeHeaders: ['ETag'],
    maxAgeSeconds: 60,
  };
  const requestHeaders = (names: string): Record<string, string> => ({ 'access-control-request-headers': names });

  it('allows any page by default', () => {
    const begun = begin(machineOf().machine, preflight(requestHeaders('authorization,x-obs-date')));
    expect(begun).toMatchObject({
      type: 'answered',
      answer: {
        status: 200,
        text: '',
        headers: {
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'GET, PUT, POST, DELETE, HEAD',
          'access-control-allow-headers': 'authorization, x-obs-date',
          'access-control-max-age': '3600',
        },
      },
    });
  });

  it('follows the rule', () => {
    const { machine } = machineOf({ cors: rule });
    const allowed = begin(machine, preflight(requestHeaders('Authorization, X-OBS-Date')));
    expect(allowed).toMatchObject({ answer: { status: 200, headers: { 'access-control-allow-origin': origin } } });
    const forbidden = '403 AccessForbidden';
    expect(codeOf(begin(machine, preflight(requestHeaders('content-md5'))))).toBe(forbidden);
    expect(codeOf(begin(machine, preflight({ origin: 'https://app.other' })))).toBe(forbidden);
    expect(codeOf(begin(machine, preflight({ origin: 'https://.other' })))).toBe(forbidden);
    expect(codeOf(begin(machine, preflight({ 'access-control-request-method': 'POST' })))).toBe(forbidden);
    expect(codeOf(begin(machine, { ...preflight(), headers: { origin } }))).toBe('400 BadRequest');
  });

  it('refuses every page if there is no rule, in a response that no page can read', () => {
    const begun = begin(machineOf({ cors: null }).machine, preflight());
    expect(codeOf(begun)).toBe('403 AccessForbidden');
    const names = begun.type === 'answered' ? Object.keys(begun.answer.headers) : [];
    expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('allows public pages to reach a local address', () => {
    const begun = begin(machineOf().machine, preflight({ 'access-control-request-private-network': 'true' }));
    expect(begun).toMatchObject({ answer: { headers: { 'access-control-allow-private-network': 'true' } } });
  });

  it('lets the page read responses, errors and their exposed headers', () => {
    const { machine } = machineOf({ cors: { ...rule, allowedMethods: ['GET', 'PUT'] } });
    for (const target of ['/k', '/k?uploads']) {
      const begun = begin(machine, { ...head('GET', `http://media.obs.test${target}`, { origin }, 'media') });
      const { headers } = begun.type === 'accepted' ? begun.finish(received(0)).answer : begun.answer;
      expect(headers).toMatchObject({ 'access-control-allow-origin': origin, 'access-control-expose-headers': 'ETag' });
      expect(headers.vary).toContain('Origin');
    }
    const foreign = begin(machine, head('GET', 'http://media.obs.test/k', { origin: 'https://app.other' }, 'media'));
    expect(foreign.type === 'answered' && 'access-control-allow-origin' in foreign.answer.headers).toBe(false);
  });

  it('lets no page read the response to a method that the rule does not allow', () => {
    const { machine } = machineOf({ cors: rule });
    const isReadable = (method: string): boolean => {
      const begun = begin(machine, { ...preflight(), method, headers: { origin } });
      return begun.type === 'answered' && 'access-control-allow-origin' in begun.answer.headers;
    };
    expect(['PUT', 'POST', 'GET', 'HEAD'].filter(isReadable)).toEqual(['PUT']);
  });

  it('can hide responses to refused signatures, but not to unsigned requests, as Ceph does', () => {
    const { machine } = machineOf({ corsOnRefusedSignature: false });
    const wrong = head('HEAD', 'http://media.obs.test/k', { origin }, 'other');
    const unsigned = { ...wrong, method: 'PUT', headers: { origin } };
    const isReadable = (begun: Begun): boolean =>
      begun.type === 'answered' && 'access-control-allow-origin' in begun.answer.headers;
    expect(isReadable(begin(machine, wrong))).toBe(false);
    expect(isReadable(begin(machine, unsigned))).toBe(true);
  });
});

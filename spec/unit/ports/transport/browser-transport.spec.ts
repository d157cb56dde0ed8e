import { lastValueFrom } from 'rxjs';
import { browserTransport } from '../../../../lib/ports/transport/browser-transport.js';
import { isElsewhere } from '../../../../lib/ports/transport/outcome.js';
import type { TransportEvent, TransportRequest } from '../../../../lib/ports/transport/transport.js';

/** An XMLHttpRequest whose responses all have the status 200 and come from this URL. */
class StubXhr {
  static respondsFrom: ((url: string) => string) | null = null;
  static sent: string[] = [];
  readonly upload = {};
  readyState = 0;
  status = 0;
  responseURL = '';
  responseText = 'of XHR';
  onload: (() => void) | null = null;
  onreadystatechange: (() => void) | null = null;
  #url = '';
  open(_: string, url: string): void {
    this.#url = url;
  }
  setRequestHeader(): void {
    return undefined;
  }
  getAllResponseHeaders(): string {
    return 'etag: "e"\r\n';
  }
  abort(): void {
    return undefined;
  }
  send(): void {
    StubXhr.sent.push(this.#url);
    this.responseURL = StubXhr.respondsFrom?.(this.#url) ?? this.#url;
    [this.status, this.readyState] = [200, 2];
    this.onreadystatechange?.();
    this.onload?.();
  }
}

describe('browserTransport', () => {
  const byFetch: string[] = [];
  let status = 200;

  beforeEach(() => {
    [StubXhr.sent, StubXhr.respondsFrom, status] = [[], null, 200];
    byFetch.splice(0);
    Object.defineProperty(globalThis, 'XMLHttpRequest', { value: StubXhr, configurable: true });
    jest.spyOn(globalThis, 'fetch').mockImplementation((url) => {
      byFetch.push(url as string);
      return Promise.resolve(new Response(null, { status }));
    });
  });

  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'XMLHttpRequest');
    jest.restoreAllMocks();
  });

  const bytes = new Uint8Array(10);
  const request = (overrides: Partial<TransportRequest> = {}): TransportRequest => ({
    method: 'PUT',
    url: 'https://media.obs.test/a?partNumber=1',
    headers: {},
    body: bytes,
    ...overrides,
  });
  const token = { 'x-obs-security-token': 'token' };
  const initiate = request({ method: 'POST', body: null });

  it('sends the bytes of parts by XHR, and everything else by fetch', async () => {
    const transport = browserTransport();
    for (const method of ['POST', 'GET', 'HEAD', 'DELETE', 'PUT'] as const) {
      await lastValueFrom(transport.send(request({ method, body: null })));
    }
    await lastValueFrom(transport.send(request({ method: 'POST' })));
    expect([byFetch.length, StubXhr.sent.length]).toEqual([6, 0]);
    await lastValueFrom(transport.send(request()));
    expect([byFetch.length, StubXhr.sent.length]).toEqual([6, 1]);
  });

  it.each([
    'x-obs-server-side-encryption-customer-key',
    'x-amz-server-side-encryption-customer-key',
    'X-Amz-Server-Side-Encryption-Customer-Key',
  ])('never sends %s by XHR', async (name) => {
    const transport = browserTransport();
    for (let i = 0; i < 2; i++) await lastValueFrom(transport.send(request({ headers: { [name]: 'key' } })));
    expect([byFetch.length, StubXhr.sent.length]).toEqual([2, 0]);
  });

  it('sends a security token by XHR only if fetch met no redirect at that origin', async () => {
    const transport = browserTransport();
    const send = (overrides: Partial<TransportRequest> = {}): Promise<TransportEvent> =>
      lastValueFrom(transport.send(request({ headers: token, ...overrides })));
    await send();
    expect([byFetch.length, StubXhr.sent.length]).toEqual([1, 0]);
    await send();
    expect([byFetch.length, StubXhr.sent.length]).toEqual([1, 1]);
    await send({ url: 'https://other.obs.test/a' });
    expect([byFetch.length, StubXhr.sent.length]).toEqual([2, 1]);
  });

  it.each([
    [
      'fetch',
      async (transport: ReturnType<typeof browserTransport>) => {
        status = 307;
        return lastValueFrom(transport.send(initiate));
      },
    ],
    [
      'XHR',
      async (transport: ReturnType<typeof browserTransport>) => {
        StubXhr.respondsFrom = () => 'https://evil.test/a';
        return lastValueFrom(transport.send(request()));
      },
    ],
  ])('sends nothing more by XHR once %s met a redirect', async (_, redirect) => {
    const transport = browserTransport();
    expect(await redirect(transport)).toMatchObject({ response: { redirected: true } });
    const before = StubXhr.sent.length;
    await lastValueFrom(transport.send(request()));
    expect(StubXhr.sent).toHaveLength(before);
  });

  it('discards a response from another URL', async () => {
    StubXhr.respondsFrom = () => 'https://evil.test/a?partNumber=1';
    const event = await lastValueFrom(browserTransport().send(request()));
    expect(event).toEqual({ type: 'response', response: { status: 0, redirected: true, headers: {}, body: '' } });
  });
});

describe('isElsewhere', () => {
  it.each([
    ['http://h/a?b=1#c', 'http://h/a?b=1', false],
    ['http://h/a b', 'http://h/a%20b', false],
    ['http://h/a', 'https://h/a', false],
    ['http://h/a', '', false],
    ['https://h/a', 'http://h/a', true],
    ['http://h/a', 'https://h/b', true],
    ['http://h/a', 'http://h:8080/a', true],
    ['http://h/a', 'http://h/a/', true],
    ['http://h/a?x=1', 'http://h/a', true],
  ])('for a request to %s and a response from %s', (requested, responded, elsewhere) => {
    expect(isElsewhere(requested, responded)).toBe(elsewhere);
  });
});

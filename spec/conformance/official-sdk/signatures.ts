import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { withFixedClock } from '../../support/with-fixed-clock.js';

/** What the official SDK would send. */
export interface SdkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SdkOptions {
  readonly access_key_id: string;
  readonly secret_access_key: string;
  readonly security_token?: string | undefined;
  readonly server: string;
  readonly signature: 'obs' | 'v2';
  readonly region?: string;
  readonly path_style?: boolean;
  readonly is_cname?: boolean;
}

export interface OfficialSdk {
  /** Calls one of its methods and returns the request that it sends. */
  request(options: SdkOptions, method: string, parameters: object): Promise<SdkRequest>;
  /** Its `createSignedUrlSync` (obs and v2) or `createV4SignedUrlSync`. */
  signedUrl(options: SdkOptions, method: string, parameters: object): string;
}

type SdkClient = Readonly<Record<string, (parameters: unknown) => unknown>>;

/** The official SDK's browser bundle, in a separate realm with the few globals of a page that it needs. */
export function loadOfficialSdk(): OfficialSdk {
  let onSent: (request: SdkRequest) => void = () => undefined;

  /** Sends nothing and never receives a response. */
  class SilentXhr {
    readonly upload = {};
    private method = '';
    private url = '';
    private readonly headers: Record<string, string> = {};

    open(method: string, url: string): void {
      this.method = method;
      this.url = url;
    }

    setRequestHeader(name: string, value: string): void {
      this.headers[name] = value;
    }

    send(): void {
      onSent({ method: this.method, url: this.url, headers: this.headers });
    }
  }

  const page: Record<string, unknown> = {
    btoa,
    console,
    setTimeout,
    URL,
    URLSearchParams,
    Blob,
    File: Blob,
    XMLHttpRequest: SilentXhr,
    navigator: { userAgent: 'spec' },
    location: { href: 'https://page.test/' },
    document: { createElement: () => ({ setAttribute: () => undefined }) },
  };
  page.window = page;
  page.self = page;
  createContext(page);
  const bundle = 'esdk-obs-browserjs/dist/@cloud/esdk-obs-browserjs-without-polyfill.3.25.6.min.js';
  runInContext(readFileSync(require.resolve(bundle), 'utf8'), page);

  // It checks `instanceof Object`, so its arguments must be created in its realm.
  const parseInRealm = runInContext('JSON.parse', page) as (json: string) => unknown;
  const toRealm = (value: object): unknown => parseInRealm(JSON.stringify(value));
  const RealmDate = runInContext('Date', page) as DateConstructor;
  const Client = page.ObsClient as new (options: unknown) => SdkClient;
  const call = (options: SdkOptions, method: string, parameters: object): unknown => {
    const client = new Client(toRealm({ ...options, is_signature_negotiation: false }));
    if (typeof client[method] !== 'function') throw new Error(`The SDK has no ${method}.`);
    return client[method](toRealm(parameters));
  };

  return {
    request: (options, method, parameters) =>
      new Promise((resolve) => {
        onSent = resolve;
        call(options, method, parameters);
      }),
    signedUrl: (options, method, parameters) =>
      withFixedClock(() => call(options, method, parameters) as { readonly SignedUrl: string }, RealmDate).SignedUrl,
  };
}

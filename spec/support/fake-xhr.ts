import type { RequestBody, TransportRequest, TransportResponse } from 'rx-obs-upload';
import type { FakeObs } from 'rx-obs-upload/testing';
import { asyncScheduler, Subscription } from 'rxjs';

/** How an engine deviates from the standard in one request. */
export interface Quirk {
  /** The engine ends the request by itself that many milliseconds after `send`, with this event. */
  readonly gives?: { readonly event: 'abort' | 'timeout' | 'error'; readonly afterMs: number };
  /** The request is sent and gets a response, but `load` never fires. */
  readonly neverDone?: boolean;
  /** `load` fires without status, headers and body. */
  readonly emptyLoad?: boolean;
  /** How many `progress` events fire in place of one, evenly over the same bytes; 0: none. */
  readonly progress?: number;
  /** The value of `loaded` for that number of bytes. */
  readonly loaded?: (bytes: number) => number;
  /** One more `progress` event fires after `load`, as from a queue of events. */
  readonly lateProgress?: boolean;
  /** The response body arrives in that many chunks of 1 MiB, each with a `progress` event. */
  readonly endlessMiB?: number;
}

/** The quirk of the n-th request of an engine, counted from 1; null: none. */
export type Quirks = (request: TransportRequest, n: number) => Quirk | null;

type Handler = ((event: { readonly loaded: number }) => void) | null;

/** As much of an XMLHttpRequest as the library uses, connected to a fake OBS and with quirks. */
class FakeXhr {
  responseType = '';
  status = 0;
  responseText = '';
  onload: Handler = null;
  onerror: Handler = null;
  ontimeout: Handler = null;
  onabort: Handler = null;
  onprogress: Handler = null;
  readonly upload: { onprogress: Handler; onload: Handler } = { onprogress: null, onload: null };
  readonly #subscriptions = new Subscription();
  readonly #headers: Record<string, string> = {};
  readonly #fake: FakeObs;
  readonly #quirkOf: (request: TransportRequest) => Quirk;
  #method: TransportRequest['method'] = 'GET';
  #url = '';
  #response: TransportResponse | null = null;

  constructor(fake: FakeObs, quirkOf: (request: TransportRequest) => Quirk) {
    this.#fake = fake;
    this.#quirkOf = quirkOf;
  }

  open(method: TransportRequest['method'], url: string): void {
    this.#method = method;
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  getAllResponseHeaders(): string {
    return Object.entries(this.#response?.headers ?? {})
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  abort(): void {
    this.#subscriptions.unsubscribe();
  }

  send(body: RequestBody | null): void {
    const request = { method: this.#method, url: this.#url, headers: this.#headers, body };
    const quirk = this.#quirkOf(request);
    let sent = 0;
    const { gives } = quirk;
    if (gives !== undefined) {
      const end = (): void => {
        this.#subscriptions.unsubscribe();
        this[`on${gives.event}`]?.({ loaded: 0 });
      };
      this.#subscriptions.add(asyncScheduler.schedule(end, gives.afterMs));
    }
    this.#subscriptions.add(
      this.#fake.transport.send(request).subscribe({
        next: (event) => {
          if (event.type === 'response') return this.#respond(event.response, quirk, sent);
          this.#progress(sent, event.loadedBytes, quirk);
          sent = event.loadedBytes;
        },
        error: () => this.onerror?.({ loaded: 0 }),
      }),
    );
  }

  #progress(from: number, to: number, { progress = 1, loaded = (bytes) => bytes }: Quirk): void {
    for (let i = 1; i <= progress; i++) {
      this.upload.onprogress?.({ loaded: loaded(Math.round(from + ((to - from) * i) / progress)) });
    }
  }

  #respond(response: TransportResponse, quirk: Quirk, sent: number): void {
    const { onprogress } = this.upload;
    if (quirk.progress !== 0) this.upload.onload?.({ loaded: quirk.loaded?.(sent) ?? sent });
    if (quirk.neverDone === true) return;
    for (let mib = 1; mib <= (quirk.endlessMiB ?? 0); mib++) this.onprogress?.({ loaded: mib * 1024 * 1024 });
    if (quirk.emptyLoad !== true) {
      this.#response = response;
      this.status = response.status;
      this.responseText = response.body;
    }
    this.onload?.({ loaded: 0 });
    if (quirk.lateProgress === true) onprogress?.({ loaded: sent });
  }
}

/** Calls `run` while XMLHttpRequests are sent to a fake OBS. */
export function withXhr<T>(fake: FakeObs, quirks: Quirks, run: () => T): T {
  let count = 0;
  const original = Object.getOwnPropertyDescriptor(globalThis, 'XMLHttpRequest');
  const quirkOf = (request: TransportRequest): Quirk => quirks(request, ++count) ?? {};
  const value = function XMLHttpRequest(): FakeXhr {
    return new FakeXhr(fake, quirkOf);
  };
  Object.defineProperty(globalThis, 'XMLHttpRequest', { value, configurable: true, writable: true });
  try {
    return run();
  } finally {
    if (original === undefined) Reflect.deleteProperty(globalThis, 'XMLHttpRequest');
    else Object.defineProperty(globalThis, 'XMLHttpRequest', original);
  }
}

import type { RequestBody, TransportRequest, TransportResponse } from 'rx-obs-upload';
import type { FakeObs } from 'rx-obs-upload/testing';
import { asyncScheduler, Subscription } from 'rxjs';

/** In which way an engine treats one request otherwise than it should. */
export interface Quirk {
  /** It ends the request by itself that number of milliseconds after `send`, with this event. */
  readonly gives?: { readonly event: 'abort' | 'timeout' | 'error'; readonly afterMs: number };
  /** The request is made and answered, but `load` never comes. */
  readonly neverDone?: boolean;
  /** `load` comes, without status, headers and body. */
  readonly emptyLoad?: boolean;
  /** How many `progress` events come in place of one, evenly over the same bytes; 0: none. */
  readonly progress?: number;
  /** What `loaded` says of that number of bytes. */
  readonly loaded?: (bytes: number) => number;
  /** After `load` there comes one more `progress`, as from a queue of events. */
  readonly lateProgress?: boolean;
  /** The answer's body comes in that number of chunks of 1 MiB, each with a `progress` event. */
  readonly endlessMiB?: number;
}

/** The n-th request of an engine, counted from 1. */
export type Quirks = (request: TransportRequest, n: number) => Quirk | null;

type Handler = ((event: { readonly loaded: number }) => void) | null;

/** As much of an XMLHttpRequest as the library uses, with a fake OBS at its other end and quirks of its own. */
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
  readonly #under = new Subscription();
  readonly #headers: Record<string, string> = {};
  readonly #fake: FakeObs;
  readonly #quirkOf: (request: TransportRequest) => Quirk;
  #method: TransportRequest['method'] = 'GET';
  #url = '';
  #answer: TransportResponse | null = null;

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
    return Object.entries(this.#answer?.headers ?? {})
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  abort(): void {
    this.#under.unsubscribe();
  }

  send(body: RequestBody | null): void {
    const request = { method: this.#method, url: this.#url, headers: this.#headers, body };
    const quirk = this.#quirkOf(request);
    let sent = 0;
    const { gives } = quirk;
    if (gives !== undefined) {
      const give = (): void => {
        this.#under.unsubscribe();
        this[`on${gives.event}`]?.({ loaded: 0 });
      };
      this.#under.add(asyncScheduler.schedule(give, gives.afterMs));
    }
    this.#under.add(
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

  #respond(answer: TransportResponse, quirk: Quirk, sent: number): void {
    const { onprogress } = this.upload;
    if (quirk.progress !== 0) this.upload.onload?.({ loaded: quirk.loaded?.(sent) ?? sent });
    if (quirk.neverDone === true) return;
    for (let mib = 1; mib <= (quirk.endlessMiB ?? 0); mib++) this.onprogress?.({ loaded: mib * 1024 * 1024 });
    if (quirk.emptyLoad !== true) {
      this.#answer = answer;
      this.status = answer.status;
      this.responseText = answer.body;
    }
    this.onload?.({ loaded: 0 });
    if (quirk.lateProgress === true) onprogress?.({ loaded: sent });
  }
}

/** While `run` runs, pages' XMLHttpRequests lead to a fake OBS. */
export function withXhr<T>(fake: FakeObs, quirks: Quirks, run: () => T): T {
  let count = 0;
  const before = Object.getOwnPropertyDescriptor(globalThis, 'XMLHttpRequest');
  const quirkOf = (request: TransportRequest): Quirk => quirks(request, ++count) ?? {};
  const value = function XMLHttpRequest(): FakeXhr {
    return new FakeXhr(fake, quirkOf);
  };
  Object.defineProperty(globalThis, 'XMLHttpRequest', { value, configurable: true, writable: true });
  try {
    return run();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'XMLHttpRequest');
    else Object.defineProperty(globalThis, 'XMLHttpRequest', before);
  }
}

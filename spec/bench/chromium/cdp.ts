import type { Readable, Writable } from 'node:stream';

/** The DevTools protocol over a pipe: JSON messages, each terminated by a zero byte. */
export interface Cdp {
  /** @param sessionId - the session of a page; without it, the browser itself */
  send(method: string, params?: object, sessionId?: string): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves at the next event of that name. */
  next(event: string, sessionId: string): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

export function connectCdp(toBrowser: Writable, fromBrowser: Readable): Cdp {
  let lastId = 0;
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, () => void>();

  const receive = ({ id, method, sessionId, result, error }: Message): void => {
    if (id === undefined) return listeners.get(`${sessionId} ${method}`)?.();
    const request = pending.get(id);
    pending.delete(id);
    if (error === undefined) request?.resolve(result ?? {});
    else request?.reject(new Error(error.message));
  };

  let rest: Buffer = Buffer.alloc(0);
  fromBrowser.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = JSON.parse(rest.toString('utf8', 0, end)) as Message;
      rest = rest.subarray(end + 1);
      receive(message);
    }
  });
  fromBrowser.on('close', () => {
    for (const { reject } of pending.values()) reject(new Error('The browser has ended.'));
  });

  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, { resolve, reject });
        toBrowser.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      }),
    next: (event, sessionId) =>
      new Promise((resolve) => {
        const key = `${sessionId} ${event}`;
        listeners.set(key, () => {
          listeners.delete(key);
          resolve();
        });
      }),
  };
}

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObsHandler, type ObsHandler, type ObsHandlerOptions } from './create-obs-handler.js';
import { hasCode } from './storage/has-code.js';

/** Where a local OBS listens, besides what its handler takes. */
export interface ObsServerOptions extends ObsHandlerOptions {
  /** 0: a free one */
  readonly port: number;
  /**
   * The address to listen on.
   * @defaultValue 127.0.0.1, and `::1` where this machine has it, so that `localhost` works everywhere
   */
  readonly host?: string | undefined;
  /**
   * Makes the listener in front of the local OBS, so that an application can share its port: gets the OBS's listener to
   * pass on to.
   * @defaultValue the local OBS alone
   */
  readonly inFront?: ((obs: RequestListener) => RequestListener) | undefined;
}

/** A local OBS that listens. */
export interface ObsServer extends Pick<
  ObsHandler,
  'credentials' | 'log' | 'control' | 'settled' | 'addFaults' | 'setCredentials' | 'fileOf'
> {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The one it listens on. */
  readonly port: number;
  /** Breaks what is in flight, stops listening, and resolves once nothing is written any more. */
  close(): Promise<void>;
}

/**
 * Starts a local OBS over HTTP that stores its objects on disk.
 * @throws an Error for people where the port is taken or the directory cannot be written to
 *
 * @example
 * ```ts
 * const server = await createObsServer({ directory: '.obs', port: 8080, buckets: ['media'] });
 * const obs = createObsConnection({ server: server.url, credentials: server.credentials });
 * // path-style: http://127.0.0.1:8080/media/key; virtual-hosted: http://media.localhost:8080/key
 * await server.close();
 * ```
 */
export async function createObsServer(options: ObsServerOptions): Promise<ObsServer> {
  let open: (opened: Opened) => void = () => undefined;
  const opened = new Promise<Opened>((resolve) => (open = resolve));
  const listeners: Listeners = {
    request: (request, response) => void opened.then(({ listener }) => listener(request, response)),
    // Without a listener of its own Node asks for the body, then passes the request to the other one.
    checkContinue:
      options.inFront === undefined
        ? (request, response) => void opened.then(({ handler }) => handler.checkContinue(request, response))
        : null,
  };
  // The port first: where it is taken, the directory may belong to the server that has it.
  const servers = await listen(listeners, options.port, options.host);
  const handler = await openHandler(options, open).catch(async (error: unknown) => {
    await Promise.all(servers.map(close));
    throw error;
  });
  const { address, family, port } = servers[0]?.address() as AddressInfo;
  const { credentials, log, control, settled, addFaults, setCredentials, fileOf } = handler;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    port,
    credentials,
    log,
    control,
    settled,
    addFaults,
    setCredentials,
    fileOf,
    async close() {
      await Promise.all(servers.map(close));
      await handler.close();
    },
  };
}

/** Requests that come before wait for it. */
interface Opened {
  readonly handler: ObsHandler;
  readonly listener: RequestListener;
}

async function openHandler(options: ObsServerOptions, open: (opened: Opened) => void): Promise<ObsHandler> {
  const handler = createObsHandler(options);
  await handler.ready;
  open({ handler, listener: options.inFront?.(handler) ?? handler });
  return handler;
}

interface Listeners {
  readonly request: RequestListener;
  readonly checkContinue: RequestListener | null;
}

async function listen(listeners: Listeners, port: number, host: string | undefined): Promise<readonly Server[]> {
  const first = await listenOn(listeners, host ?? '127.0.0.1', port);
  if (host !== undefined) return [first];
  try {
    return [first, await listenOn(listeners, '::1', (first.address() as AddressInfo).port)];
  } catch (error) {
    // Without IPv6 one address has to do; a port that another program has there would be reached instead of this one.
    if (hasCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL') || port === 0) return [first];
    await close(first);
    throw error;
  }
}

function listenOn({ request, checkContinue }: Listeners, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    // A part may take hours on a slow connection; idle connections stay open longer than browsers do.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 120_000 }, request);
    if (checkContinue !== null) server.on('checkContinue', checkContinue);
    server.once('error', (error) => reject(explain(error, host, port)));
    server.listen({ host, port }, () => resolve(server));
  });
}

function explain(error: Error, host: string, port: number): Error {
  if (hasCode(error, 'EADDRINUSE')) {
    return new Error(`Port ${port} of ${host} is taken by another program. Choose another port.`, { cause: error });
  }
  if (hasCode(error, 'EACCES')) {
    return new Error(`Port ${port} may not be used by this user. Choose one from 1024.`, { cause: error });
  }
  return error;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

import type { SigningHandler } from './create-signing-handler.js';

/** What is needed of Node's `IncomingMessage`, with what Express adds to it. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  /** The HTTP method. */
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** The URL before a router shortened it, as Express has it. */
  readonly originalUrl?: string | undefined;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Set where a parser of the framework is in use, which has read the body only if it understands its type. */
  readonly body?: unknown;
  /** Whether something else has read the body. */
  readonly readableEnded?: boolean | undefined;
}

/** What is needed of Node's `ServerResponse`. */
export interface NodeResponse {
  /** Whether all of it was sent. */
  readonly writableFinished: boolean;
  /** Sends status and headers. */
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** Sends the body. */
  end(body: string): unknown;
  /** Breaks the connection. */
  destroy(): unknown;
  /** `close`: the connection has ended. */
  once(event: 'close', listener: () => void): unknown;
}

/** What is needed of Fastify's request and reply. */
export interface FastifyRequest {
  /** Node's own request. */
  readonly raw: NodeRequest;
  /** As Fastify has parsed it. */
  readonly body?: unknown;
}

/** The part of Fastify's reply that the handler needs. */
export interface FastifyReply {
  /** Node's own response. */
  readonly raw: NodeResponse;
  /** Leaves the response to the handler. */
  hijack(): unknown;
}

/** A handler for node:http, Express or Fastify. */
export type NodeHandler = (request: NodeRequest | FastifyRequest, response: NodeResponse | FastifyReply) => void;

/**
 * The handler for servers of Node: a listener of `node:http`, a route handler of Express or of Fastify, with or without
 * a body parser in front of it. `authorize` gets the framework's request as its second argument.
 *
 * @example
 * ```ts
 * express().post('/api/sign', toNodeHandler(sign));
 * fastify().post('/api/sign', toNodeHandler(sign));
 * createServer(toNodeHandler(sign));
 * ```
 */
export function toNodeHandler(handler: SigningHandler): NodeHandler {
  return (request, response) => {
    const to = 'raw' in response ? response.raw : response;
    if ('hijack' in response) response.hijack();
    const gone = new AbortController();
    to.once('close', () => {
      if (!to.writableFinished) gone.abort();
    });
    respond(handler, request, to, gone.signal).catch(() => to.destroy());
  };
}

async function respond(
  handler: SigningHandler,
  request: NodeRequest | FastifyRequest,
  to: NodeResponse,
  signal: AbortSignal,
): Promise<void> {
  const raw = 'raw' in request ? request.raw : request;
  // Fails for what the web has no request for, such as TRACE: outside this function that would end the process.
  const response = await handler(toWebRequest(raw, request.body, signal), request);
  const body = await response.text();
  to.writeHead(response.status, Object.fromEntries(response.headers));
  to.end(body);
}

function toWebRequest(raw: NodeRequest, parsedBody: unknown, signal: AbortSignal): Request {
  const { method = 'GET', headers } = raw;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = parsedBody === undefined || raw.readableEnded === false ? streamOf(raw) : asText(parsedBody);
  // Only Node knows `duplex`, without which it takes no stream.
  const init = { method, headers: webHeadersOf(headers), signal, ...(hasBody ? { body, duplex: 'half' } : {}) };
  return new Request(urlOf(raw), init);
}

function urlOf({ originalUrl, url = '/', headers }: NodeRequest): string {
  const base = `http://${hostOf(headers) ?? 'localhost'}`;
  const path = originalUrl ?? url;
  return URL.canParse(base + path) && path.startsWith('/') ? base + path : `${base}/`;
}

/** HTTP/2 has a pseudo header in place of `Host`. */
function hostOf({ host, ':authority': authority }: NodeRequest['headers']): string | null {
  const named = host ?? authority;
  return typeof named === 'string' && /^[\w.:[\]-]+$/.test(named) && URL.canParse(`http://${named}`) ? named : null;
}

function webHeadersOf(headers: NodeRequest['headers']): Headers {
  const web = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has pseudo headers such as `:path`.
    if (value === undefined || name.startsWith(':')) continue;
    for (const one of [value].flat()) web.append(name, one);
  }
  return web;
}

function asText(body: unknown): string {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Without Node's own conversion, so that this entry can be imported where there is no Node. */
function streamOf(raw: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = raw[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const chunk = await chunks.next();
      if (chunk.done === true) controller.close();
      else controller.enqueue(chunk.value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

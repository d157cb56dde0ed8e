import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  createObsConnection,
  InvalidOptionsError,
  obsSigner,
  type ObsCredentials,
  type Signer,
  type Transport,
  type UrlSigner,
} from 'rx-obs-upload';
import { Refusal, type SigningPolicy } from './policy/policy.js';
import type { Authenticate } from './sessions.js';
import { signRequests, type Signing } from './sign-requests.js';
import { createStoreBudgets } from './store-budget.js';
import { createUploads } from './uploads.js';

export interface SigningHandlerOptions {
  readonly policy: SigningPolicy;
  /** They never leave this process. */
  readonly credentials: ObsCredentials;
  /** @defaultValue `obsSigner()` */
  readonly signer?: Signer & UrlSigner;
  readonly authenticate: Authenticate;
  /** How the store is asked which uploads and parts there are. */
  readonly transport?: Transport;
}

const MAX_BODY_BYTES = 256 * 1024;

/**
 * Answers `POST` with the JSON of `readonly UnsignedRequest[]` by the JSON of `readonly SignedRequest[]`, in the same
 * order: what `presign` of a connection asks and expects. Else by `{ error }` with 401 (nobody), 403 (not allowed) or
 * 400 (no such request), or with 429 and
 * `Retry-After` (too much at once, or in a minute).
 */
export function createSigningHandler(options: SigningHandlerOptions): RequestListener {
  const { policy, credentials, signer = obsSigner(), authenticate, transport } = options;
  const { server, addressing } = policy;
  const obs = createObsConnection({ server, addressing, credentials, signer, ...(transport && { transport }) });
  const budgets = createStoreBudgets(policy.maxStoreCallsPerMinute);
  const signing: Signing = { policy, credentials, signer, uploads: createUploads(obs), budgets };
  return (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    answer(request, signing, authenticate, gone.signal)
      .catch((error: unknown): Answer => {
        if (error instanceof Refusal) return [error.status, { error: error.message }];
        if (error instanceof InvalidOptionsError) return [400, { error: error.message }];
        // The reason may tell more than a page should know: log it here.
        return [502, { error: 'The store could not be asked.' }];
      })
      .then(([status, body]) => send(response, status, body))
      .catch(() => response.destroy());
  };
}

type Answer = readonly [status: number, body: unknown];

async function answer(
  request: IncomingMessage,
  signing: Signing,
  authenticate: Authenticate,
  gone: AbortSignal,
): Promise<Answer> {
  if (request.method !== 'POST') throw new Refusal('POST a list of requests.', 405);
  // A form of another site cannot send JSON, and a script of one cannot without asking; this server allows none.
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal('Send JSON.', 415);
  if (isOfOtherSite(request)) throw new Refusal('Another site asks.', 403);
  const user = await authenticate(request);
  if (user === null) throw new Refusal('Log in first.', 401);
  return [200, await signRequests(signing, user, parse(await readBody(request)), gone)];
}

function isOfOtherSite({ headers: { origin, host = '' } }: IncomingMessage): boolean {
  return origin !== undefined && ![`https://${host}`, `http://${host}`].includes(origin);
}

async function readBody(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) throw new Refusal('That is too much at once.', 413);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal('That is too much at once.', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('That is no JSON.', 400);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 429 ? { 'Retry-After': '10' } : {}),
  });
  response.end(JSON.stringify(body));
}

import { firstValueFrom } from 'rxjs';
import { InvalidOptionsError, type ObsConnection, type UrlSigner } from '../index.js';
import { sharedOf } from '../connection/obs-connection.js';
import { createBudgets } from './budgets.js';
import { readJson } from './read-json.js';
import { Refusal } from './refusal.js';
import { resolvePolicy } from './policy/resolve-policy.js';
import { signRequests, type Signing } from './sign-requests.js';
import type { SigningPolicy, SigningUser } from './policy/signing-policy.js';
import { createUploads } from './uploads.js';

/** Options of `createSigningHandler`. */
export interface SigningHandlerOptions {
  /** The store and the credentials, which never leave this process; its signer must be able to sign URLs. */
  readonly connection: ObsConnection;
  /** What may be signed. */
  readonly policy: SigningPolicy;
  /**
   * Your login: returns the user who sent the request, or null. Nothing is signed for null, unless `allowAnonymous`.
   *
   * @param context - the second argument of the handler: `toNodeHandler` passes the request of Node, Express or Fastify
   */
  readonly authorize?: ((request: Request, context: unknown) => Authorized | PromiseLike<Authorized>) | undefined;
  /**
   * Signs for anyone: all users that `authorize` does not know are one user, `anonymous`, with one folder and one budget.
   * @defaultValue false
   */
  readonly allowAnonymous?: boolean | undefined;
  /**
   * Origins of pages on other hosts, such as `https://app.example.com`; they need CORS headers of your framework too.
   * @defaultValue none: only pages of the host that the request was sent to
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Gets what failed on this side (the store, the credentials, `authorize`): the page only learns that it did. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The user; null: unknown. */
export type Authorized = SigningUser | null | undefined;

/** @param context - passed to `authorize` */
/** Responds to a page's requests for signatures. @param context - passed on to `authorize` */
export type SigningHandler = (request: Request, context?: unknown) => Promise<Response>;

const ANONYMOUS: SigningUser = { id: 'anonymous' };

/**
 * The backend of `presign`, for any server that speaks `Request` and `Response` (Hono, Next, Deno, Bun, workers); for
 * others see `toNodeHandler`. Handles `POST` of the JSON of `readonly UnsignedRequest[]` and responds with the JSON of
 * `readonly SignedRequest[]`, in the same order. Otherwise with `{ error }`: 401 (unknown user), 403 (not allowed), 400
 * (invalid request), 429 with `Retry-After` (too much at once, or in a minute) or 502 (the store cannot be reached). The
 * handler never rejects.
 *
 * @example
 * ```ts
 * const sign = createSigningHandler({
 *   connection: createObsConnection({ server, credentials }),
 *   authorize: (request) => userOfSession(request.headers.get('cookie')),
 *   policy: { buckets: ['media'] },
 * });
 * Deno.serve(sign);
 * ```
 * @throws InvalidOptionsError
 */
export function createSigningHandler(options: SigningHandlerOptions): SigningHandler {
  const { connection, authorize, allowAnonymous = false, allowedOrigins = [], onError } = options;
  if (authorize === undefined && !allowAnonymous) {
    throw new InvalidOptionsError(
      'authorize',
      'authorize must be a function that returns the user of a request; or set allowAnonymous to sign for anyone.',
    );
  }
  const signing = signingBy(connection, options.policy);

  const userOf = async (request: Request, context: unknown): Promise<SigningUser> => {
    const user = await authorize?.(request, context);
    if (user !== null && user !== undefined) return requireUser(user);
    if (allowAnonymous) return ANONYMOUS;
    throw new Refusal('Log in first.', 401);
  };

  const respond = async (request: Request, context: unknown): Promise<Response> => {
    requirePost(request);
    requireOrigin(request, allowedOrigins);
    const user = await userOf(request, context);
    return json(200, await signRequests(signing, user, await readJson(request), signalOf(request)));
  };

  return (request, context) =>
    respond(request, context).catch((error: unknown) =>
      // What fails because the client has disconnected is no fault of this side.
      refusalOf(error, signalOf(request).aborted ? undefined : onError),
    );
}

/** Without an id, all users would share one folder. */
function requireUser(user: SigningUser): SigningUser {
  if (typeof (user as Partial<SigningUser>).id === 'string') return user;
  throw new Error('authorize must return the user of a request as { id }, a text, or null.');
}

/** A call for credentials that takes longer is made again with the next request. */
const CREDENTIALS_MS = 60_000;

function signingBy(connection: ObsConnection, policy: SigningPolicy): Signing {
  const { signer, credentials, clock } = sharedOf(connection);
  if (!isUrlSigner(signer)) {
    throw new InvalidOptionsError(
      'connection',
      'The connection must sign by itself, with credentials and a signer that can sign URLs (presign).',
    );
  }
  const resolved = resolvePolicy(policy, connection);
  return {
    connection,
    policy: resolved,
    signer,
    credentials: () => firstValueFrom(credentials.current$(CREDENTIALS_MS)),
    now: () => clock.now(),
    uploads: createUploads(connection),
    budgets: createBudgets(resolved),
  };
}

function isUrlSigner(signer: object): signer is UrlSigner {
  return typeof (signer as Partial<UrlSigner>).presign === 'function';
}

/** Some runtimes leave the signal of a received request out. */
function signalOf(request: { readonly signal?: AbortSignal | null }): AbortSignal {
  return request.signal ?? new AbortController().signal;
}

function requirePost({ method, headers }: Request): void {
  if (method !== 'POST') throw new Refusal('Send a list of requests by POST.', 405);
  // A form of another site cannot send JSON, and a script of one cannot do so without asking for permission.
  if (!/^application\/json\s*(?:;|$)/i.test(headers.get('content-type') ?? '')) throw new Refusal('Send JSON.', 415);
}

function requireOrigin({ headers, url }: Request, allowedOrigins: readonly string[]): void {
  const origin = headers.get('origin');
  const host = headers.get('host') ?? new URL(url).host;
  if (origin === null || [`https://${host}`, `http://${host}`, ...allowedOrigins].includes(origin)) return;
  throw new Refusal('The page belongs to another site.');
}

function refusalOf(error: unknown, onError: SigningHandlerOptions['onError']): Response {
  if (error instanceof Refusal) return json(error.status, { error: error.message });
  if (error instanceof InvalidOptionsError) return json(400, { error: error.message });
  try {
    onError?.(error);
  } catch {
    // A log that fails must not hang the page.
  }
  return json(502, { error: 'Nothing could be signed: the store or its credentials are not available.' });
}

function json(status: number, body: unknown): Response {
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'POST' } : {}),
    ...(status === 429 ? { 'Retry-After': '10' } : {}),
  };
  return new Response(JSON.stringify(body), { status, headers });
}

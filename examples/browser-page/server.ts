import { readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join, posix } from 'node:path';
import { createObsConnection, type ObsCredentials } from 'rx-obs-upload';
import { createSigningHandler, keyPrefixOf, toNodeHandler } from 'rx-obs-upload/signing-server';
import { createDemoSessions, sessionCookie } from '../signing-server/sessions.js';

/** What the page's server needs. */
export interface PageServerOptions {
  /** The folder with index.html, style.css, icon.svg and main.js; its folder `recorder` has those of the recorder. */
  readonly assets: string;
  readonly bucket: string;
  /** Where the local OBS keeps the bucket's objects, for people to look at. */
  readonly folder: string;
  readonly credentials: ObsCredentials;
  /**
   * Whether this server signs for the page, so that no key reaches it.
   * @defaultValue false: the page gets keys
   */
  readonly signs?: boolean;
  /** The local OBS: gets every request that is not for the page. */
  readonly obs: RequestListener;
}

/** Pages by the paths that they are served under: no bucket has such a name. */
const PAGES = { '/_page/': '', '/_recorder/': 'recorder' } as const;

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'main.js': 'text/javascript; charset=utf-8',
} as const;

/**
 * Serves the pages and the local OBS on one port: the upload page at `/`, the recorder at `/_recorder/`, the local OBS
 * elsewhere. A page opened as `localhost` is sent to the local OBS at `127.0.0.1` and the other way round,
 * so that its requests cross origins, as they do to the real service.
 */
export function createPageHandler(options: PageServerOptions): RequestListener {
  let signing: PageSigning | null = null;
  return (request, response) => {
    const asset = assetOf(request);
    if (asset === null) return options.obs(request, response);
    const host = request.headers.host ?? '';
    // A name of some other site that points here (DNS rebinding) must not get at the keys.
    if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host))
      return send(response, 421, 'text/plain', 'Not here.\n');
    if (options.signs === true) signing ??= createPageSigning(options, request.socket.localPort ?? 0);
    if (asset === SIGN && signing !== null) return signing.handler(request, response);
    void answer(options, signing, asset, host, response);
    return undefined;
  };
}

const SIGN = 'sign';

/** The signing server of the page, and the only user that it knows. */
interface PageSigning {
  readonly server: string;
  readonly handler: RequestListener;
  readonly cookie: string;
  readonly keyPrefix: string;
}

function createPageSigning({ bucket, credentials }: PageServerOptions, port: number): PageSigning {
  const server = `http://127.0.0.1:${port}`;
  const sessions = createDemoSessions();
  const user = { id: 'demo' };
  const connection = createObsConnection({ server, addressing: 'path', credentials });
  const { authorize } = sessions;
  return {
    server,
    handler: toNodeHandler(createSigningHandler({ connection, authorize, policy: { buckets: [bucket] } })),
    cookie: sessionCookie(sessions.begin(user), '/_page'),
    keyPrefix: keyPrefixOf(user),
  };
}

/** What is asked of the pages, by its path below the folder of assets; null: it is for the local OBS. */
function assetOf({ method, url, headers }: IncomingMessage): string | null {
  if (method === 'POST' && url === `/_page/${SIGN}`) return SIGN;
  if (method !== 'GET') return null;
  const path = (url ?? '').split('?')[0] ?? '';
  if (path === '/') return url === '/' && headers.accept?.includes('text/html') ? 'index.html' : null;
  for (const [prefix, folder] of Object.entries(PAGES)) {
    if (path.startsWith(prefix)) return posix.join(folder, path.slice(prefix.length) || 'index.html');
  }
  return null;
}

async function answer(
  options: PageServerOptions,
  signing: PageSigning | null,
  asset: string,
  host: string,
  response: ServerResponse,
): Promise<void> {
  const server =
    signing?.server ?? `http://${host.replace(/^(localhost|127\.0\.0\.1|\[::1\])/, (name) => otherName(name))}`;
  if (asset === 'config.json') {
    const { bucket, folder } = options;
    if (signing === null) return sendJson(response, { server, bucket, folder, signUrl: null, keyPrefix: '' });
    response.setHeader('Set-Cookie', signing.cookie);
    return sendJson(response, { server, bucket, folder, signUrl: `/_page/${SIGN}`, keyPrefix: signing.keyPrefix });
  }
  // Keys in a page are all right here alone: made up at each start, they open nothing but this machine's local OBS.
  if (asset === 'credentials.json' && signing === null) return sendJson(response, options.credentials);
  const name = nameOf(asset);
  if (name === null) return send(response, 404, 'text/plain', 'Not found.\n');
  const content = await readFile(join(options.assets, asset)).catch(() => null);
  if (content === null) return send(response, 500, 'text/plain', 'The page is not built.\n');
  response.setHeader('Content-Security-Policy', contentPolicy(server));
  return send(response, 200, TYPES[name], content);
}

function otherName(name: string): string {
  return name === 'localhost' ? '127.0.0.1' : 'localhost';
}

function contentPolicy(server: string): string {
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${server}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** The name of a file that a page consists of; null: there is no such file. */
function nameOf(asset: string): keyof typeof TYPES | null {
  const isIn = (folder: string): boolean => posix.dirname(asset) === (folder || '.');
  const name = posix.basename(asset);
  return Object.values(PAGES).some(isIn) && isName(name) ? name : null;
}

function isName(name: string): name is keyof typeof TYPES {
  return Object.hasOwn(TYPES, name);
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(value));
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

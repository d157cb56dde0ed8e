import { readFile } from 'node:fs/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
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

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
};

/**
 * Serves the pages and the local OBS on one port: the upload page at `/`, the recorder at `/_recorder/`, the local OBS
 * elsewhere. A page opened as `localhost` is sent to the local OBS at `127.0.0.1` and the other way round,
 * so that its requests cross origins, as they do to the real service.
 */
export function createPageHandler(options: PageServerOptions): RequestListener {
  const { assets, bucket, folder, credentials, signs = false, obs } = options;
  let signing: PageSigning | null = null;
  return (request, response) => {
    const { method, url = '', headers, socket } = request;
    const isPage = method === 'GET' && url === '/' && headers.accept?.includes('text/html');
    // No bucket has a name that begins with an underscore.
    const [, page, name] = /^\/_(page|recorder)\/([^?]*)/.exec(isPage ? '/_page/' : url) ?? [];
    if (page === undefined || name === undefined) return obs(request, response);
    const [, host, port = ''] = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.exec(headers.host ?? '') ?? [];
    // A name of some other site that points here (DNS rebinding) must not get at the keys.
    if (host === undefined) return send(response, 421, '.txt', 'Not here.\n');
    if (signs) signing ??= createPageSigning(options, socket.localPort ?? 0);
    const server = signing?.server ?? `http://${host === 'localhost' ? '127.0.0.1' : 'localhost'}${port}`;
    if (name === 'sign' && signing !== null) return signing.handler(request, response);
    if (name === 'config.json') {
      if (signing !== null) response.setHeader('Set-Cookie', signing.cookie);
      const { signUrl, keyPrefix } = signing ?? { signUrl: null, keyPrefix: '' };
      return send(response, 200, '.json', JSON.stringify({ server, bucket, folder, signUrl, keyPrefix }));
    }
    // Keys in a page are all right here alone: made up at each start, they open nothing but this machine's local OBS.
    if (name === 'credentials.json' && signing === null)
      return send(response, 200, '.json', JSON.stringify(credentials));
    if (!/^([\w-]+\.(html|css|svg|js))?$/.test(name)) return send(response, 404, '.txt', 'Not found.\n');
    const file = name || 'index.html';
    readFile(join(assets, page === 'page' ? '' : page, file)).then(
      (content) => {
        response.setHeader('Content-Security-Policy', contentPolicy(server));
        send(response, 200, extname(file), content);
      },
      () => send(response, 404, '.txt', 'Not found: are the pages built?\n'),
    );
    return undefined;
  };
}

/** The signing server of the page, and the only user that it knows. */
interface PageSigning {
  readonly server: string;
  readonly signUrl: string;
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
    signUrl: '/_page/sign',
    handler: toNodeHandler(createSigningHandler({ connection, authorize, policy: { buckets: [bucket] } })),
    cookie: sessionCookie(sessions.begin(user), '/_page'),
    keyPrefix: keyPrefixOf(user),
  };
}

function contentPolicy(server: string): string {
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${server}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

function send(response: ServerResponse, status: number, extension: string, body: string | Buffer): void {
  response.writeHead(status, {
    'Content-Type': TYPES[extension] ?? 'text/plain',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

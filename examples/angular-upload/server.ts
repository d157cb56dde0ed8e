import { readFile } from 'node:fs/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { createObsConnection, type ObsCredentials } from 'rx-obs-upload';
import { createSigningHandler, keyPrefixOf, toNodeHandler } from 'rx-obs-upload/signing-server';
import { createDemoSessions } from '../signing-server/sessions.js';
import type { Settings } from './src/app/settings.js';

/** What the application's server needs. */
export interface AppServerOptions {
  /** What the Angular CLI has built. */
  readonly assets: string;
  /** Origin of the store. */
  readonly store: string;
  readonly bucket: string;
  /** They stay here: the page gets signatures. */
  readonly credentials: ObsCredentials;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
};

/** Serves the application, its settings and, at `/sign`, the signing server. */
export function createAppHandler({ assets, store, bucket, credentials }: AppServerOptions): RequestListener {
  const sessions = createDemoSessions();
  const user = { id: 'demo' };
  const connection = createObsConnection({ server: store, addressing: 'path', credentials });
  const { authorize } = sessions;
  const sign = toNodeHandler(createSigningHandler({ connection, authorize, policy: { buckets: [bucket] } }));
  const settings: Settings = { server: store, bucket, keyPrefix: keyPrefixOf(user), session: sessions.begin(user) };
  return (request, response) => {
    const { host = '', url = '/' } = { ...request.headers, url: request.url };
    // A name of some other site that points here (DNS rebinding) must not get at the session.
    if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host)) return send(response, 421, '.txt', 'Not here.\n');
    if (url === '/sign') return sign(request, response);
    if (url === '/settings.json') return send(response, 200, '.json', JSON.stringify(settings));
    const name = url === '/' ? 'index.html' : /^\/([\w-]+\.\w+)$/.exec(url)?.[1];
    if (name === undefined) return send(response, 404, '.txt', 'Not found.\n');
    readFile(join(assets, name)).then(
      (content) => send(response, 200, extname(name), content, contentPolicy(store)),
      () => send(response, 404, '.txt', 'Not found.\n'),
    );
    return undefined;
  };
}

/** Components bring their styles with them; MD5 is WebAssembly, in workers of the application. */
function contentPolicy(store: string): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self'",
    `connect-src 'self' ${store}`,
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function send(
  response: ServerResponse,
  status: number,
  extension: string,
  body: string | Buffer,
  policy = "default-src 'none'",
): void {
  response.writeHead(status, {
    'Content-Type': TYPES[extension] ?? (extension === '.json' ? 'application/json' : 'text/plain'),
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

import type { RequestListener } from 'node:http';
import { contentPolicy, localHostOf, sendError, sendFile, sendJson } from '../serve-page.js';
import { createDemoSigning, type DemoSigningOptions } from '../signing-server/demo-signing.js';
import type { Settings } from './src/app/settings.js';

/** What the application's server needs. */
export interface AppServerOptions extends DemoSigningOptions {
  /** What the Angular CLI has built. */
  readonly assets: string;
}

/** Serves the application, its settings and, at `/sign`, the signing server. */
export function createAppHandler({ assets, ...options }: AppServerOptions): RequestListener {
  const { store, bucket } = options;
  const { handler: sign, ...user } = createDemoSigning(options);
  const settings: Settings = { server: store, bucket, ...user };
  // Components bring their styles with them; MD5 is WebAssembly, in workers of the application.
  const policy = contentPolicy(store, {
    'script-src': "'self' 'wasm-unsafe-eval'",
    'worker-src': "'self'",
    'style-src': "'self' 'unsafe-inline'",
    'base-uri': "'self'",
  });
  return (request, response) => {
    // Another site must not get at the session.
    if (localHostOf(request) === null) return sendError(response, 421);
    if (request.url === '/sign') return sign(request, response);
    if (request.url === '/settings.json') return sendJson(response, settings);
    return sendFile(response, assets, request.url?.slice(1) || 'index.html', policy);
  };
}

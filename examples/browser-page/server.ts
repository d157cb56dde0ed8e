import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { ObsCredentials } from 'rx-obs-upload';
import { contentPolicy, localHostOf, sendError, sendFile, sendJson } from '../serve-page.js';
import { createDemoSigning, type DemoSigning } from '../signing-server/demo-signing.js';
import { sessionCookie } from '../signing-server/sessions.js';

/** What the page's server needs. */
export interface PageServerOptions {
  /** The folder with index.html, style.css, icon.svg and main.js; its folder `recorder` has those of the recorder. */
  readonly assets: string;
  readonly bucket: string;
  /** Where the local OBS keeps the bucket's objects, for people to look at. */
  readonly folder: string;
  readonly credentials: ObsCredentials;
  /**
   * Whether this server signs for the page, so that no credentials reach it.
   * @defaultValue false: the page gets credentials
   */
  readonly signs?: boolean;
  /** The local OBS: gets every request that is not for the page. */
  readonly obs: RequestListener;
}

/**
 * Serves the pages and the local OBS on one port: the upload page at `/`, the recorder at `/_recorder/`, the local OBS
 * elsewhere. A page opened as `localhost` is sent to the local OBS at `127.0.0.1` and the other way round,
 * so that its requests cross origins, as they do to the real service.
 */
export function createPageHandler(options: PageServerOptions): RequestListener {
  const { assets, bucket, folder, credentials, signs = false, obs } = options;
  let signing: DemoSigning | null = null;
  return (request, response) => {
    const { method, url = '', headers, socket } = request;
    const isPage = method === 'GET' && url === '/' && headers.accept?.includes('text/html');
    // No bucket has a name that begins with an underscore.
    const [, page, name] = /^\/_(page|recorder)\/([^?]*)/.exec(isPage ? '/_page/' : url) ?? [];
    if (page === undefined || name === undefined) return obs(request, response);
    const host = localHostOf(request);
    // Another site must not get at the credentials.
    if (host === null) return sendError(response, 421);
    const server = signs
      ? `http://127.0.0.1:${socket.localPort}`
      : `http://${host === 'localhost' ? '127.0.0.1' : 'localhost'}${headers.host?.slice(host.length)}`;
    if (signs) signing ??= createDemoSigning({ store: server, bucket, credentials });
    if (name === 'sign' && signing !== null) return signing.handler(request, response);
    if (name === 'config.json') {
      if (signing !== null) response.setHeader('Set-Cookie', sessionCookie(signing.session, '/_page'));
      const signUrl = signing === null ? null : '/_page/sign';
      return sendJson(response, { server, bucket, folder, signUrl, keyPrefix: signing?.keyPrefix ?? '' });
    }
    // Credentials in a page are all right here alone: made up at each start, they open nothing but this local OBS.
    if (name === 'credentials.json' && signing === null) return sendJson(response, credentials);
    const assetsOfPage = page === 'page' ? assets : join(assets, page);
    return sendFile(response, assetsOfPage, name || 'index.html', contentPolicy(server));
  };
}

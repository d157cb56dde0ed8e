import type { RequestListener } from 'node:http';
import type { ObsCredentials } from 'rx-obs-upload';
import { localHostOf, sendError, sendFile, sendJson } from '../serve-page.js';

export interface FrameworksServerOptions {
  /** What `build.mjs` has made. */
  readonly assets: string;
  readonly credentials: ObsCredentials;
  /** The local OBS: gets every request that is not for a page. */
  readonly obs: RequestListener;
}

/** Serves the pages, credentials for them, and the local OBS, all on one port. */
export function createFrameworksHandler({ assets, credentials, obs }: FrameworksServerOptions): RequestListener {
  return (request, response) => {
    const name = /^\/(credentials|[\w-]+\.(?:html|css|js))$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'GET' || name === undefined) return obs(request, response);
    if (localHostOf(request) === null) return sendError(response, 421);
    // Only here may a page have them: generated at each start, they open nothing but this machine's local OBS.
    return name === 'credentials' ? sendJson(response, credentials) : sendFile(response, assets, name);
  };
}

import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { extname, join } from 'node:path';
import type { ObsCredentials } from 'rx-obs-upload';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

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
    const { url = '/', headers } = request;
    const name = /^\/([\w-]+\.(?:html|css|js))$/.exec(url)?.[1];
    if (request.method !== 'GET' || (name === undefined && url !== '/credentials')) return obs(request, response);
    // A name of some other site that points here (DNS rebinding) must not get at the credentials.
    if (!/^localhost(:\d+)?$/.test(headers.host ?? '')) return void response.writeHead(421).end();
    if (name === undefined) {
      // Only here may a page have them: generated at each start, they open nothing but this machine's local OBS.
      return void response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(credentials));
    }
    readFile(join(assets, name)).then(
      (content) => response.writeHead(200, { 'Content-Type': TYPES[extname(name)] }).end(content),
      () => response.writeHead(404).end(),
    );
    return undefined;
  };
}

import { defer } from 'rxjs';
import { createObsConnection, type ObsConnection, type ObsCredentials, type SignedRequest } from 'rx-obs-upload';
import { pageElements, type PageElements } from './page-elements.js';

/** Where this page uploads to, as the server that serves the page sends it. */
export interface PageSettings {
  readonly server: string;
  readonly bucket: string;
  /** The folder in which the local OBS keeps a bucket's objects as plain files. */
  readonly folder: string;
  /** Where requests of this page are signed; null: the page gets credentials. */
  readonly signUrl: string | null;
  /** What the keys of this page's objects begin with. */
  readonly keyPrefix: string;
}

/**
 * To the store of the settings. A page must hold no secret key: have requests signed by your backend, or get temporary
 * credentials (STS) from it, with a security token and just the rights that this upload needs. The credentials of the
 * local OBS are generated at each start and worth nothing elsewhere.
 */
export function connect({ server, signUrl }: PageSettings): ObsConnection {
  return signUrl === null
    ? createObsConnection({ server, credentials: () => getJson<ObsCredentials>('/_page/credentials.json') })
    : createObsConnection({
        server,
        presign: (requests) =>
          getJson<readonly SignedRequest[]>(signUrl, {
            method: 'POST',
            body: JSON.stringify(requests),
            headers: { 'Content-Type': 'application/json' },
          }),
      });
}

/** Starts a page with its settings, or shows that there are none. */
export function startPage(start: (page: PageElements, settings: PageSettings) => void): void {
  const page = pageElements(document);
  defer(() => getJson<PageSettings>('/_page/config.json')).subscribe({
    next: (settings) => start(page, settings),
    error: (error: unknown) => {
      page.text('target', `This page cannot upload: ${error instanceof Error ? error.message : String(error)}`);
    },
  });
}

async function getJson<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  // By the status an upload knows whether asking again may help.
  if (!response.ok) {
    throw Object.assign(new Error(`${path} responded ${response.status}.`), { status: response.status });
  }
  return (await response.json()) as T;
}

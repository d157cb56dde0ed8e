import { map, type Observable } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import {
  createObsConnection,
  type ObsConnection,
  type ObsCredentials,
  type SignedRequest,
  type UnsignedRequest,
} from 'rx-obs-upload';

/** Where this page uploads to, as the server that serves the page tells it. */
export interface PageSettings {
  readonly server: string;
  readonly bucket: string;
  /** The folder in which the local OBS keeps a bucket's objects as plain files. */
  readonly folder: string;
  /** Who signs for this page; null: nobody, it gets keys. */
  readonly signUrl: string | null;
  /** What the keys of this page's objects begin with. */
  readonly keyPrefix: string;
}

/** To the store of the settings: signed by the page's server if that signs, else here, with credentials. */
export function connect({ server, signUrl }: PageSettings): ObsConnection {
  return signUrl === null
    ? createObsConnection({ server, credentials: fetchCredentials$ })
    : createObsConnection({ server, presign: (requests) => presign$(signUrl, requests) });
}

export function loadSettings$(): Observable<PageSettings> {
  return getJson$('/_page/config.json').pipe(
    map((json) => {
      if (!isRecord(json) || !isText(json.server) || !isText(json.bucket) || !isText(json.folder)) throw unusable();
      const { server, bucket, folder, signUrl, keyPrefix } = json;
      return {
        server,
        bucket,
        folder,
        signUrl: isText(signUrl) ? signUrl : null,
        keyPrefix: isText(keyPrefix) ? keyPrefix : '',
      };
    }),
  );
}

/**
 * A page must hold no secret key: ask your backend for temporary credentials (STS) here, with a security token and
 * just the rights that this upload needs. The local OBS hands out throw-away keys that are worth nothing elsewhere.
 */
function fetchCredentials$(): Observable<ObsCredentials> {
  return getJson$('/_page/credentials.json').pipe(
    map((json) => {
      if (!isRecord(json) || !isText(json.accessKeyId) || !isText(json.secretAccessKey)) throw unusable();
      return { accessKeyId: json.accessKeyId, secretAccessKey: json.secretAccessKey };
    }),
  );
}

/** Has requests signed by a server that holds the key. */
function presign$(signUrl: string, requests: readonly UnsignedRequest[]): Observable<readonly SignedRequest[]> {
  const headers = { 'Content-Type': 'application/json' };
  // Whatever else it is than signed requests, the connection refuses.
  return fetchJson$(signUrl, { method: 'POST', headers, body: JSON.stringify(requests) }) as Observable<
    readonly SignedRequest[]
  >;
}

function getJson$(path: string): Observable<unknown> {
  return fetchJson$(path, {});
}

function fetchJson$(path: string, init: RequestInit): Observable<unknown> {
  return fromFetch(path, {
    ...init,
    selector: (response) => {
      if (!response.ok) throw new HttpError(`${path} answered ${response.status}`, response.status);
      return response.json() as Promise<unknown>;
    },
  });
}

/** By its status an upload knows whether asking again may help. */
class HttpError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

function unusable(): Error {
  return new Error('The answer is not what this page expects');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

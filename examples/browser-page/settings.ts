import { map, type Observable } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import type { ObsCredentials } from 'rx-obs-upload';

/** Where this page uploads to, as the server that serves the page tells it. */
export interface PageSettings {
  readonly server: string;
  readonly bucket: string;
  /** The folder in which the local OBS keeps a bucket's objects as plain files. */
  readonly folder: string;
}

export function loadSettings$(): Observable<PageSettings> {
  return getJson$('/_page/config.json').pipe(
    map((json) => {
      if (!isRecord(json) || !isText(json.server) || !isText(json.bucket) || !isText(json.folder)) throw unusable();
      return { server: json.server, bucket: json.bucket, folder: json.folder };
    }),
  );
}

/**
 * A page must hold no secret key: ask your backend for temporary credentials (STS) here, with a security token and
 * just the rights that this upload needs. The local OBS hands out throw-away keys that are worth nothing elsewhere.
 */
export function fetchCredentials$(): Observable<ObsCredentials> {
  return getJson$('/_page/credentials.json').pipe(
    map((json) => {
      if (!isRecord(json) || !isText(json.accessKeyId) || !isText(json.secretAccessKey)) throw unusable();
      return { accessKeyId: json.accessKeyId, secretAccessKey: json.secretAccessKey };
    }),
  );
}

function getJson$(path: string): Observable<unknown> {
  return fromFetch(path, {
    selector: (response) => {
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      return response.json() as Promise<unknown>;
    },
  });
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

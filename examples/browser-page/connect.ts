import { createObsConnection, type ObsConnection } from 'rx-obs-upload';
import { fetchCredentials$, presign$, type PageSettings } from './settings.js';

/** To the store of the settings: signed by the page's server where that signs, else here, by keys. */
export function connect({ server, signUrl }: PageSettings): ObsConnection {
  return signUrl === null
    ? createObsConnection({ server, credentials: fetchCredentials$ })
    : createObsConnection({ server, presign: (requests) => presign$(signUrl, requests) });
}

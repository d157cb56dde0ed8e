import { createObsConnection, type ObsConnection, type ObsConnectionOptions, type ObsCredentials } from 'rx-obs-upload';

/** To a local OBS on the port of this page; yours is `https://obs.REGION.myhuaweicloud.com`. */
export const OPTIONS: ObsConnectionOptions = {
  server: `http://127.0.0.1:${location.port}`,
  credentials: async () => {
    const response = await fetch('/credentials');
    if (!response.ok) throw new Error(`The backend gave no credentials (${response.status}).`);
    return (await response.json()) as ObsCredentials;
  },
};

export const obs: ObsConnection = createObsConnection(OPTIONS);

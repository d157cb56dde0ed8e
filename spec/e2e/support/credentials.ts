import type { ObsCredentials } from 'rx-obs-upload';

/** The credentials that every local OBS in these specs accepts. */
export const credentials: ObsCredentials = { accessKeyId: 'local', secretAccessKey: 'for-specs-only' };

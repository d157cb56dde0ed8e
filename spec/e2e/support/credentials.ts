import type { ObsCredentials } from 'rx-obs-upload';

/** What every local OBS of these specs accepts. */
export const credentials: ObsCredentials = { accessKeyId: 'local', secretAccessKey: 'for-specs-only' };

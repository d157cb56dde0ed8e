export { provideObsConnection } from './provide-obs-connection.js';
export { injectObsConnection } from './obs-connection.js';
export { OBS_CONNECTION } from './obs-connection.js';
export { injectUploads } from './inject-uploads.js';
export { injectPresign } from './inject-presign.js';
export { injectCredentials } from './inject-credentials.js';
export { runOutsideAngular } from './zones.js';

export type { ProvidedConnection } from './provide-obs-connection.js';
export type { Uploads, UploadsOptions } from './inject-uploads.js';

import type { RequestListener } from 'node:http';
import { createObsConnection, type ObsCredentials } from 'rx-obs-upload';
import { createSigningHandler, keyPrefixOf, toNodeHandler } from 'rx-obs-upload/signing-server';
import { createDemoSessions } from './sessions.js';

export interface DemoSigningOptions {
  /** Origin of the store. */
  readonly store: string;
  readonly bucket: string;
  /** They stay on the server: the page gets signatures. */
  readonly credentials: ObsCredentials;
}

/** A signing server with one user, who is logged in. */
export interface DemoSigning {
  readonly handler: RequestListener;
  /** Token of the user's session. */
  readonly session: string;
  /** Where the user may upload to; ends with a slash. */
  readonly keyPrefix: string;
}

export function createDemoSigning({ store, bucket, credentials }: DemoSigningOptions): DemoSigning {
  const user = { id: 'demo' };
  const { authorize, begin } = createDemoSessions();
  const connection = createObsConnection({ server: store, addressing: 'path', credentials });
  return {
    handler: toNodeHandler(createSigningHandler({ connection, authorize, policy: { buckets: [bucket] } })),
    session: begin(user),
    keyPrefix: keyPrefixOf(user),
  };
}

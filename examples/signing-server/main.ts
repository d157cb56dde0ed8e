// A signing server by itself: OBS_SERVER, OBS_BUCKET, OBS_ACCESS_KEY_ID, OBS_SECRET_ACCESS_KEY, and PORT.
import { createServer } from 'node:http';
import { createObsConnection } from 'rx-obs-upload';
import { createSigningHandler, toNodeHandler } from 'rx-obs-upload/signing-server';
import { createDemoSessions } from './sessions.js';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

const sessions = createDemoSessions();
const sign = createSigningHandler({
  connection: createObsConnection({
    server: setting('OBS_SERVER'),
    credentials: { accessKeyId: setting('OBS_ACCESS_KEY_ID'), secretAccessKey: setting('OBS_SECRET_ACCESS_KEY') },
  }),
  authorize: sessions.authorize,
  policy: { buckets: [setting('OBS_BUCKET')] },
  onError: (error) => console.error(error),
});
const port = Number(process.env.PORT ?? 8643);
createServer(toNodeHandler(sign)).listen(port, '127.0.0.1', () => {
  for (const id of ['ann', 'bob']) {
    process.stdout.write(
      `${id}: curl -H 'Authorization: Bearer ${sessions.begin({ id })}' http://127.0.0.1:${port}/\n`,
    );
  }
});

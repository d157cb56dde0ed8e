// A signing server by itself: OBS_SERVER, OBS_BUCKET, OBS_ACCESS_KEY_ID, OBS_SECRET_ACCESS_KEY, and PORT.
import { createServer } from 'node:http';
import { createSigningHandler } from './create-signing-handler.js';
import { defaultPolicy } from './default-policy.js';
import { createDemoSessions } from './sessions.js';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

const sessions = createDemoSessions();
const handler = createSigningHandler({
  policy: defaultPolicy({ server: setting('OBS_SERVER'), bucket: setting('OBS_BUCKET') }),
  credentials: { accessKeyId: setting('OBS_ACCESS_KEY_ID'), secretAccessKey: setting('OBS_SECRET_ACCESS_KEY') },
  authenticate: sessions.authenticate,
});
const port = Number(process.env.PORT ?? 8643);
createServer(handler).listen(port, '127.0.0.1', () => {
  for (const id of ['ann', 'bob']) {
    process.stdout.write(
      `${id}: curl -H 'Authorization: Bearer ${sessions.begin({ id })}' http://127.0.0.1:${port}/\n`,
    );
  }
});

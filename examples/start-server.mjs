import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { readPort } from '../scripts/lib/options.mjs';
import { Complaint } from '../scripts/lib/project.mjs';

/** The port that the environment names in PORT, else the other. */
export function portOr(otherPort) {
  return readPort(process.env.PORT ?? String(otherPort), 'PORT');
}

/** For the local OBS of this process; they open nothing else. */
export function makeCredentials() {
  return { accessKeyId: 'local', secretAccessKey: randomBytes(20).toString('hex') };
}

/**
 * Starts a server that only this machine reaches.
 * @param checkContinue - that of the local OBS, if the handler passes requests to it
 * @returns the port
 */
export async function startServer(port, handler, checkContinue) {
  // A part on a slow line may take longer than the five minutes that Node gives a request.
  const server = createServer({ requestTimeout: 0 }, handler);
  if (checkContinue !== undefined) server.on('checkContinue', checkContinue);
  await once(server.listen(port, '127.0.0.1'), 'listening').catch((error) => {
    throw new Complaint(`The port ${port} cannot be used (${error.code}): name another one in PORT.`);
  });
  return server.address().port;
}

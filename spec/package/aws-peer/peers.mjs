// The AWS SDK for JavaScript beside the package: what it sends must work with the local OBS, and what it checksums and
// signs must be what we do.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createObsServer } from 'rx-obs-upload/server';
import { checkChecksums } from './checksums.mjs';
import { checkSignatures } from './signatures.mjs';
import { worldOf } from './world.mjs';

const permanent = { accessKeyId: 'PERMANENT', secretAccessKey: 'secret/of+both' };
const temporary = { accessKeyId: 'TEMPORARY', secretAccessKey: 'another', securityToken: 'a/token+of==' };

const directory = await mkdtemp(join(tmpdir(), 'rx-obs-upload-aws-'));
const server = await createObsServer({ directory, port: 0, credentials: [permanent, temporary] });
try {
  const endpoint = `http://127.0.0.1:${server.port}`;
  await checkChecksums(worldOf(endpoint, permanent));
  for (const credentials of [permanent, temporary]) await checkSignatures(worldOf(endpoint, credentials));
} finally {
  await server.close();
  await rm(directory, { recursive: true, force: true });
}

// What each peer needs: clients of both libraries at one local OBS, and checks whose failures are counted.
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
// The SDK loads CRC-64/NVME only where this package is there.
import '@aws-sdk/crc64-nvme';
import { createObsConnection, upload, v4Signer } from 'rx-obs-upload';

export const PART = 5 * 1024 * 1024;
export const region = 'eu-1';
export const Bucket = 'media';

export function worldOf(endpoint, credentials) {
  const { accessKeyId, secretAccessKey, securityToken: sessionToken } = credentials;
  const client = (options = {}) =>
    new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
      ...options,
    });
  const s3 = client();
  const obs = createObsConnection({ server: endpoint, credentials, signer: v4Signer({ region }) });
  const send = (Command, input) => s3.send(new Command({ Bucket, ...input }));
  return {
    endpoint,
    credentials,
    client,
    s3,
    send,
    head: (Key) => send(HeadObjectCommand, { Key, ChecksumMode: 'ENABLED' }),
    async bytesOf(Key) {
      const { Body } = await send(GetObjectCommand, { Key, ChecksumMode: 'ENABLED' });
      return Buffer.from(await Body.transformToByteArray());
    },
    upload: (key, bytes, options) =>
      upload(obs, { bucket: Bucket, key, sourceFile: new Blob([bytes]), partSize: PART, ...options }),
  };
}

export async function check(name, run) {
  try {
    await run();
  } catch (error) {
    process.exitCode = 1;
    process.stdout.write(`${name}: ${error.stack}\n`);
  }
}

/** The same bytes in each run, of no pattern. */
export function bytes(size) {
  let state = 1;
  return Buffer.from(Uint8Array.from({ length: size }, () => (state = (state * 48_271) % 2_147_483_647) & 255));
}

import { listedUploads } from '../support/listed-uploads.js';
import { reportUpload, type Report } from '../support/report.js';
import { connect, fileOf, MIB, type World } from '../support/world.js';

const CLOCK_ERROR_MS = 20 * 60_000;

/** Small parts are not rejected before complete. */
export async function sendSmallParts(
  world: World,
): Promise<{ readonly report: Report; readonly left: readonly string[] }> {
  const obs = connect(world);
  const key = 'small parts.mp4';
  const report = await reportUpload(obs, { bucket: world.bucket, key, sourceFile: fileOf(3 * MIB), partSize: MIB });
  return { report, left: (await listedUploads(obs, world.bucket, key)).map(({ uploadId }) => uploadId) };
}

export function signWithWrongSecret(world: World): Promise<Report> {
  const credentials = { ...world.credentials, secretAccessKey: 'another' };
  return reportUpload(connect({ ...world, credentials }), {
    bucket: world.bucket,
    key: 'refused.bin',
    sourceFile: fileOf(1000),
    multipart: 'always',
  });
}

/** Signs 20 minutes late: with responses as the only source of the time, and with an application that provides it. */
export async function signWithWrongClock(world: World): Promise<{ readonly alone: Report; readonly report: Report }> {
  const request = {
    bucket: world.bucket,
    sourceFile: fileOf(1000),
    multipart: 'always',
    requestDate: new Date(Date.now() - CLOCK_ERROR_MS),
  } as const;
  return {
    alone: await reportUpload(connect(world), { ...request, key: 'wrong clock.bin' }),
    report: await reportUpload(connect(world, { serverTime: () => [Date.now()] }), {
      ...request,
      key: 'right time.bin',
    }),
  };
}

/** Uploads to an existing key that must not be overwritten, with one PUT and in parts. */
export async function forbidOverwrite(world: World): Promise<{ readonly put: Report; readonly parts: Report }> {
  const obs = connect(world);
  const request = { bucket: world.bucket, key: 'there already.bin' };
  await reportUpload(obs, { ...request, sourceFile: fileOf(1000, 1) });
  const overwrite = { ...request, sourceFile: fileOf(1000, 2), forbidOverwrite: true };
  return {
    put: await reportUpload(obs, overwrite),
    parts: await reportUpload(obs, { ...overwrite, multipart: 'always' }),
  };
}

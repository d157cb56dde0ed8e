import { listedUploads } from '../support/listed-uploads.js';
import { reportUpload, type Report } from '../support/report.js';
import { connect, fileOf, MIB, type World } from '../support/world.js';

const OFF_MS = 20 * 60_000;

/** Nobody objects to small parts before complete. */
export async function sendSmallParts(
  world: World,
): Promise<{ readonly report: Report; readonly left: readonly string[] }> {
  const obs = connect(world);
  const key = 'small parts.mp4';
  const report = await reportUpload(obs, { bucket: world.bucket, key, sourceFile: fileOf(3 * MIB), partSize: MIB });
  return { report, left: (await listedUploads(obs, world.bucket, key)).map(({ uploadId }) => uploadId) };
}

export function signWrongly(world: World): Promise<Report> {
  const credentials = { ...world.credentials, secretAccessKey: 'another' };
  return reportUpload(connect({ ...world, credentials }), {
    bucket: world.bucket,
    key: 'refused.bin',
    sourceFile: fileOf(1000),
    multipart: 'always',
  });
}

/** The clock is 20 minutes slow: with nothing that shows the time but the answers, and with an application that does. */
export async function signWithWrongClock(world: World): Promise<{ readonly alone: Report; readonly report: Report }> {
  const request = {
    bucket: world.bucket,
    sourceFile: fileOf(1000),
    multipart: 'always',
    requestDate: new Date(Date.now() - OFF_MS),
  } as const;
  return {
    alone: await reportUpload(connect(world), { ...request, key: 'wrong clock.bin' }),
    report: await reportUpload(connect(world, { serverTime: () => [Date.now()] }), {
      ...request,
      key: 'right time.bin',
    }),
  };
}

/** The key exists and must not be overwritten: by one PUT, and by complete. */
export async function forbidOverwrite(world: World): Promise<{ readonly put: Report; readonly parts: Report }> {
  const obs = connect(world);
  const request = { bucket: world.bucket, key: 'there already.bin' };
  await reportUpload(obs, { ...request, sourceFile: fileOf(1000, 1) });
  const again = { ...request, sourceFile: fileOf(1000, 2), forbidOverwrite: true };
  return {
    put: await reportUpload(obs, again),
    parts: await reportUpload(obs, { ...again, multipart: 'always' }),
  };
}

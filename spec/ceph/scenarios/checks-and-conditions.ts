import type { UploadOptions } from 'rx-obs-upload';
import { reportUpload, type Report } from '../support/report.js';
import { connect, fileOf, type World } from '../support/world.js';

/** The same upload with one PUT and in parts. */
export interface Both {
  readonly put: Report;
  readonly parts: Report;
}

const SIZE = 1000;

async function uploadBothWays(world: World, key: string, options: Partial<UploadOptions>): Promise<Both> {
  const request = { bucket: world.bucket, sourceFile: fileOf(SIZE), ...options };
  return {
    put: await reportUpload(connect(world), { ...request, key: `${key}, PUT.bin` }),
    parts: await reportUpload(connect(world), { ...request, key: `${key}, parts.bin`, multipart: 'always' }),
  };
}

/** Uploads with each checksum that the signature supports. */
export async function uploadWithChecksums(world: World): Promise<readonly Both[]> {
  const reports: Both[] = [];
  const ofS3 = world.variant.signature === 'v4' ? (['crc32c', 'sha256'] as const) : [];
  for (const checksum of ['md5', 'crc64', ...ofS3] as const)
    reports.push(await uploadBothWays(world, checksum, { checksum }));
  return reports;
}

export function uploadWithHeaders(world: World): Promise<Both> {
  const allUsers = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"';
  const payer = { 'x-amz-request-payer': 'requester' };
  return uploadBothWays(world, 'granted', {
    tagging: { project: 'é & ü' },
    headers: { initiate: { 'x-amz-grant-read': allUsers }, part: payer, complete: payer },
  });
}

/** Replaces an object conditionally, with its ETag and with a wrong one. */
export async function replaceIfMatch(world: World): Promise<{ readonly right: Both; readonly wrong: Both }> {
  const { put } = await uploadBothWays(world, 'replaced', {});
  const sourceFile = fileOf(SIZE, 2);
  const wrong = await uploadBothWays(world, 'replaced', { ifMatch: '0123456789abcdef0123456789abcdef', sourceFile });
  const right = await uploadBothWays(world, 'replaced', { ifMatch: put.result?.etag, sourceFile });
  return { right, wrong };
}

export function limitTraffic(world: World): Promise<Both> {
  return uploadBothWays(world, 'limited', { trafficLimit: 83_886_080 });
}

/** Uploads the same content twice, then other content. */
export async function skipExistingObjects(world: World): Promise<Readonly<Record<'first' | 'again' | 'other', Both>>> {
  const skipExisting = true;
  return {
    first: await uploadBothWays(world, 'sent once', { skipExisting }),
    again: await uploadBothWays(world, 'sent once', { skipExisting }),
    other: await uploadBothWays(world, 'sent once', { skipExisting, sourceFile: fileOf(SIZE, 2) }),
  };
}

import type { UploadOptions } from 'rx-obs-upload';
import { reportUpload, type Report } from '../support/report.js';
import { connect, fileOf, type World } from '../support/world.js';

/** An upload in each of the two ways. */
export interface Both {
  readonly put: Report;
  readonly parts: Report;
}

const SIZE = 1000;

async function both(world: World, key: string, options: Partial<UploadOptions>): Promise<Both> {
  const request = { bucket: world.bucket, sourceFile: fileOf(SIZE), ...options };
  return {
    put: await reportUpload(connect(world), { ...request, key: `${key}, PUT.bin` }),
    parts: await reportUpload(connect(world), { ...request, key: `${key}, parts.bin`, multipart: 'always' }),
  };
}

/** With each checksum that this signature has. */
export async function uploadWithChecksums(world: World): Promise<readonly Both[]> {
  const reports: Both[] = [];
  const ofS3 = world.variant.signature === 'v4' ? (['crc32c', 'sha256'] as const) : [];
  for (const checksum of ['md5', 'crc64', ...ofS3] as const) reports.push(await both(world, checksum, { checksum }));
  return reports;
}

export function uploadWithHeaders(world: World): Promise<Both> {
  const everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"';
  const payer = { 'x-amz-request-payer': 'requester' };
  return both(world, 'granted', {
    tagging: { project: 'é & ü' },
    headers: { initiate: { 'x-amz-grant-read': everybody }, part: payer, complete: payer },
  });
}

/** In place of an object, by its ETag and by another one. */
export async function replaceIfMatch(world: World): Promise<{ readonly right: Both; readonly wrong: Both }> {
  const { put } = await both(world, 'replaced', {});
  const sourceFile = fileOf(SIZE, 2);
  const wrong = await both(world, 'replaced', { ifMatch: '0123456789abcdef0123456789abcdef', sourceFile });
  const right = await both(world, 'replaced', { ifMatch: put.result?.etag, sourceFile });
  return { right, wrong };
}

export function limitTraffic(world: World): Promise<Both> {
  return both(world, 'limited', { trafficLimit: 83_886_080 });
}

/** The same content twice, then other content. */
export async function sendWhatIsNotThere(world: World): Promise<Readonly<Record<'first' | 'again' | 'other', Both>>> {
  const skipExisting = true;
  return {
    first: await both(world, 'sent once', { skipExisting }),
    again: await both(world, 'sent once', { skipExisting }),
    other: await both(world, 'sent once', { skipExisting, sourceFile: fileOf(SIZE, 2) }),
  };
}

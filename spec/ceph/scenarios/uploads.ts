import {
  abortUpload$,
  fetchTransport,
  listParts$,
  NetworkError,
  xhrTransport,
  type Transport,
  type UploadCheckpoint,
  type UploadRequest,
} from 'rx-obs-upload';
import { concatMap, EMPTY, firstValueFrom, lastValueFrom, NEVER, throwError } from 'rxjs';
import { listedUploads } from '../support/listed-uploads.js';
import { errorOf, reportUpload, type Report } from '../support/report.js';
import { connect, fileOf, PART, type World } from '../support/world.js';

/** Two full parts and a smaller one. */
export const FILM_SIZE: number = 2 * PART + 1000;

const inParts = { partSize: PART, taskNum: 3 };

export function uploadInParts(world: World): Promise<Report> {
  return reportUpload(connect(world), {
    bucket: world.bucket,
    key: 'film.mp4',
    sourceFile: fileOf(FILM_SIZE),
    ...inParts,
  });
}

export function uploadAsOnePut(world: World): Promise<Report> {
  return reportUpload(connect(world), { bucket: world.bucket, key: 'small.bin', sourceFile: fileOf(1000) });
}

export async function uploadNothing(world: World): Promise<{ readonly put: Report; readonly parts: Report }> {
  const obs = connect(world);
  const request = { bucket: world.bucket, sourceFile: fileOf(0) };
  return {
    put: await reportUpload(obs, { ...request, key: 'nothing.bin' }),
    parts: await reportUpload(obs, { ...request, key: 'nothing in parts.bin', multipart: 'always' }),
  };
}

/** Resumes with another connection, as after a reload. */
export async function cancelAndResume(world: World): Promise<{
  readonly listed: readonly (readonly [partNumber: number, size: number])[];
  readonly resumed: Report;
}> {
  const sourceFile = fileOf(FILM_SIZE);
  const request = { bucket: world.bucket, key: 'resumed.mp4', sourceFile, ...inParts };
  const uploadCheckpoint = await cancelAfterFirstPart(world, request);
  const { parts } = await firstValueFrom(listParts$(connect(world), uploadCheckpoint));
  const resumed = await reportUpload(connect(world), { sourceFile, uploadCheckpoint });
  return { listed: parts.map(({ partNumber, size }) => [partNumber, size]), resumed };
}

export async function cancelAndAbort(world: World): Promise<unknown> {
  const obs = connect(world);
  const key = 'given up.mp4';
  const checkpoint = await cancelAfterFirstPart(world, {
    bucket: world.bucket,
    key,
    sourceFile: fileOf(FILM_SIZE),
    ...inParts,
  });
  const unfinished = async (): Promise<number> => (await listedUploads(obs, world.bucket, key)).length;
  const before = await unfinished();
  await lastValueFrom(abortUpload$(obs, checkpoint));
  const list = await errorOf(firstValueFrom(listParts$(obs, checkpoint)));
  const again = await lastValueFrom(abortUpload$(obs, checkpoint));
  return { before, after: await unfinished(), list: [list?.status, list?.serviceCode], again: again.key };
}

/** Resumes an upload that another client has aborted. */
export async function resumeAbortedUpload(world: World): Promise<Report> {
  const sourceFile = fileOf(FILM_SIZE);
  const request = { bucket: world.bucket, key: 'gone.mp4', sourceFile, ...inParts };
  const uploadCheckpoint = await cancelAfterFirstPart(world, request);
  await lastValueFrom(abortUpload$(connect(world), uploadCheckpoint));
  return reportUpload(connect(world), { sourceFile, uploadCheckpoint });
}

/** Loses the response to a complete that takes effect, then resumes the upload anyway. */
export async function loseResponseOfComplete(
  world: World,
): Promise<{ readonly lost: Report; readonly resumed: Report }> {
  const sourceFile = fileOf(FILM_SIZE);
  const request = { bucket: world.bucket, key: 'answer lost.mp4', sourceFile, ...inParts };
  const lost = await reportUpload(connect(world, { transport: losingOneResponse('POST', 'uploadId') }), request);
  const resumed = await reportUpload(connect(world), { sourceFile, uploadCheckpoint: requireCheckpoint(lost) });
  return { lost, resumed };
}

/** The checkpoint of an upload that is cancelled once its first part is acknowledged, the only one that is sent. */
async function cancelAfterFirstPart(world: World, request: UploadRequest): Promise<UploadCheckpoint> {
  const connection = connect(world, { transport: holdingOtherParts() });
  return requireCheckpoint(await reportUpload(connection, request, ({ type }) => type === 'part-completed'));
}

function platformTransport(): Transport {
  return typeof XMLHttpRequest === 'function' ? xhrTransport() : fetchTransport();
}

function holdingOtherParts(): Transport {
  const transport = platformTransport();
  return {
    ...transport,
    send: (request) =>
      Number(new URL(request.url).searchParams.get('partNumber')) > 1 ? NEVER : transport.send(request),
  };
}

/** Loses the first response to a request of that method with that parameter. */
function losingOneResponse(method: string, parameter: string): Transport {
  const transport = platformTransport();
  let isLost = false;
  return {
    ...transport,
    send(request) {
      const isMatching = request.method === method && new URL(request.url).searchParams.has(parameter);
      if (isLost || !isMatching) return transport.send(request);
      isLost = true;
      const lost = new NetworkError('network', 'The answer was lost on its way.', { retryable: true });
      return transport
        .send(request)
        .pipe(concatMap((event) => (event.type === 'response' ? throwError(() => lost) : EMPTY)));
    },
  };
}

function requireCheckpoint({ checkpoint }: Report): UploadCheckpoint {
  if (checkpoint === null) throw new Error('There is no checkpoint.');
  return checkpoint;
}

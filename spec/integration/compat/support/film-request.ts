import type { ResumeHook } from 'rx-obs-upload/compat';
import { fileOf, film, PART, until, upload, type Side, type Report } from './both.js';

export const KEY = 'a/film +.mp4';
/** Four parts, the last one shorter. */
export const bytes: Uint8Array<ArrayBuffer> = film(3 * PART + 1000);

type Stop = (hook: ResumeHook | null) => void;

/** Parameters of `uploadFile` for these bytes. */
export function request(options: object = {}): object {
  return { Bucket: 'media', Key: KEY, SourceFile: fileOf(bytes), PartSize: PART, ...options };
}

/** Uploads until part 2 is acknowledged, then calls `stop` with the hook. */
export function uploadTwoParts(side: Side, stop: Stop, options: object = {}): Promise<Report> {
  return upload(side, request(options), {
    onEvent: (type, { partNumber }, hook) => {
      if (type === 'uploadPartSucceed' && partNumber === 2) stop(hook);
    },
  });
}

/** Uploads until part 3 is in flight, then calls `stop` with the hook. */
export function uploadIntoPartThree(side: Side, stop: Stop, options: object = {}): Promise<Report> {
  const isInFlight = (): boolean => side.arrivals().some((arrival) => arrival.startsWith('uploadPart 3'));
  return uploadTwoParts(side, (hook) => void until(isInFlight).then(() => stop(hook)), options);
}

/** The fields that the records of both have. */
export function recordOf({ checkpoint }: Report): object {
  const { bucket, key, sourceFile, partSize, partCount, parts, fileStat, uploadId, md5 } = checkpoint;
  return {
    ...{ bucket, key, partSize, partCount, parts, fileStat },
    isFile: sourceFile instanceof File,
    uploadId: typeof uploadId,
    md5: typeof md5,
  };
}

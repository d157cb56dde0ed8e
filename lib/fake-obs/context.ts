import type { Answer } from './response/answer.js';
import type { ObsConfig } from './state/config.js';
import { Refusal } from './response/refusal.js';
import type { HeaderPrefix, ObsRequest } from './request/request.js';
import type { BucketRecord, Effect, ObsState, UploadRecord } from './state/state.js';

/** A request that was let in, and what it may look at. */
export interface Context {
  readonly request: ObsRequest;
  readonly state: ObsState;
  readonly config: ObsConfig;
  /** epoch milliseconds */
  readonly now: number;
  /** Who asks; null: anybody, who may only read public objects. */
  readonly account: string | null;
  /** The dialect of the request, and so of its response. */
  readonly prefix: HeaderPrefix;
}

/** A body that was received completely. */
export interface ReceivedBody {
  /** bytes */
  readonly size: number;
  /** 32 hexadecimal digits: the MD5, or what a front puts in its place. */
  readonly etag: string;
  /** 32 hexadecimal digits, where they were asked for. */
  readonly md5: string | null;
  /** 64 hexadecimal digits, where they were asked for. */
  readonly sha256: string | null;
  /** In hexadecimal digits, where it was asked for. */
  readonly checksum: string | null;
  /** What followed a body in chunks, by names in lower case; null where there was none, or the body is malformed. */
  readonly trailers: Readonly<Record<string, string>> | null;
  /** The body as text, where it was asked for. */
  readonly text: string | null;
  /** Under which name the front keeps the bytes. */
  readonly bytesId: string;
}

/** How to respond, and what to store before that. */
export interface Outcome {
  readonly answer: Answer;
  readonly effects: readonly Effect[];
}

/** How one operation is done, in two steps around its body. */
export interface Handler {
  /** `none`: a body is not looked at; `text`: small and held in memory; `bytes`: to be stored. */
  readonly body: 'none' | 'text' | 'bytes';
  /** Refuses what the head alone shows to be wrong; called again before `finish`, as the state may have changed. */
  readonly check?: ((context: Context) => void) | undefined;
  readonly finish: (context: Context, body: ReceivedBody) => Outcome;
}

export function answerOnly(answer: Answer): Outcome {
  return { answer, effects: [] };
}

/** @throws {@link Refusal} NoSuchBucket */
export function bucketOf({ request, state }: Context): BucketRecord {
  const bucket = state.buckets.get(request.bucket ?? '');
  if (bucket === undefined) throw new Refusal('NoSuchBucket', undefined, { BucketName: request.bucket ?? '' });
  return bucket;
}

export function keyOf({ request }: Context): string {
  if (request.key === null) throw new Refusal('InvalidArgument', 'The request names no key.');
  return request.key;
}

/**
 * The upload that a request names, by id and key.
 * @throws {@link Refusal} NoSuchBucket, NoSuchUpload, or AccessDenied where another account initiated it
 */
export function uploadOf(context: Context): UploadRecord {
  const { bucket, key, uploadId } = context.request;
  bucketOf(context);
  const upload = context.state.uploads.get(uploadId ?? '');
  if (upload?.bucket !== bucket || upload.key !== key) {
    throw new Refusal('NoSuchUpload', undefined, { UploadId: uploadId ?? '' });
  }
  if (upload.account !== context.account) throw new Refusal('AccessDenied');
  return upload;
}

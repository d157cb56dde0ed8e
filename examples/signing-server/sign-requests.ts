import { createSignedUrl, type ObsCredentials, type SignedRequest, type UrlSigner } from 'rx-obs-upload';
import { permit, type Permitted } from './policy/permit.js';
import { Refusal, type SigningPolicy, type User } from './policy/policy.js';
import { requirePartSizes } from './policy/size.js';
import { prefixOf } from './policy/target.js';
import type { StoreBudgets } from './store-budget.js';
import type { Asker, Uploads } from './uploads.js';

/** What signing needs. */
export interface Signing {
  readonly policy: SigningPolicy;
  readonly credentials: ObsCredentials;
  readonly signer: UrlSigner;
  readonly uploads: Uploads;
  readonly budgets: StoreBudgets;
}

const MAX_REQUESTS = 64;
const MAX_SECONDS = 300;
/** A signed initiate may be sent again and again while it is good, and makes an upload each time. */
const MAX_INITIATE_SECONDS = 60;

/**
 * All requests, or none: one that is refused fails what was asked with it.
 * @param gone - aborted when the client has left
 * @throws Refusal
 */
export async function signRequests(
  signing: Signing,
  user: User,
  asked: unknown,
  gone: AbortSignal,
): Promise<readonly SignedRequest[]> {
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > MAX_REQUESTS) {
    throw new Refusal(`Send a list of 1 to ${MAX_REQUESTS} requests.`, 400);
  }
  const permitted = asked.map((request: unknown) => permit(request, user, signing.policy));
  const asker = { budget: signing.budgets.of(user), gone };
  await requireRoom(signing, user, permitted, asker);
  // One after another: many parts of an upload that is met for the first time cost one question.
  for (const request of permitted) await requireInOrder(signing, request, asker);
  return permitted.map((request) => sign(signing, request));
}

async function requireRoom(
  { policy, uploads }: Signing,
  user: User,
  permitted: readonly Permitted[],
  asker: Asker,
): Promise<void> {
  const initiates = permitted.filter(({ name }) => name === 'initiate');
  for (const bucket of new Set(initiates.map((request) => request.bucket))) {
    const unfinished = await uploads.countUnfinished(bucket, prefixOf(user), asker);
    if (unfinished + initiates.length > policy.maxUnfinishedUploads) {
      throw new Refusal(`${unfinished} uploads are unfinished: complete or abort some of them first.`);
    }
  }
}

async function requireInOrder({ policy, uploads }: Signing, request: Permitted, asker: Asker): Promise<void> {
  const { name, uploadId } = request;
  // To list the parts of one's own key harms nobody: of an upload that is gone the store says so.
  if (uploadId === null || name === 'list-parts') return;
  await uploads.requireOwn(request, uploadId, asker);
  if (name === 'complete') requirePartSizes(await uploads.partSizes(request, uploadId, asker), policy);
}

/** The URL is built from what was judged, so that nothing can be signed that was read in another way. */
function sign(
  { policy, credentials, signer }: Signing,
  { name, method, bucket, key, query, headers }: Permitted,
): SignedRequest {
  const { server, addressing, expiresInSeconds } = policy;
  return createSignedUrl({
    server,
    addressing,
    credentials,
    signer,
    method,
    bucket,
    key,
    query,
    headers,
    expiresInSeconds: Math.min(expiresInSeconds, name === 'initiate' ? MAX_INITIATE_SECONDS : MAX_SECONDS),
  });
}

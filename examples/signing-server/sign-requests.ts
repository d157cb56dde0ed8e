import { createSignedUrl, type ObsCredentials, type SignedRequest, type UrlSigner } from 'rx-obs-upload';
import { permit, type Permitted } from './policy/permit.js';
import { Refusal, type SigningPolicy, type User } from './policy/policy.js';
import { requirePartSizes } from './policy/size.js';
import type { Uploads } from './uploads.js';

/** What signing needs. */
export interface Signing {
  readonly policy: SigningPolicy;
  readonly credentials: ObsCredentials;
  readonly signer: UrlSigner;
  readonly uploads: Uploads;
}

const MAX_REQUESTS = 64;
const MAX_SECONDS = 300;

/**
 * All requests, or none: one that is refused fails what was asked with it.
 * @throws Refusal
 */
export async function signRequests(signing: Signing, user: User, asked: unknown): Promise<readonly SignedRequest[]> {
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > MAX_REQUESTS) {
    throw new Refusal(`Send a list of 1 to ${MAX_REQUESTS} requests.`, 400);
  }
  const permitted = asked.map((request: unknown) => permit(request, user, signing.policy));
  // One after another: many parts of an upload that is met for the first time cost one question.
  for (const request of permitted) await requireInOrder(signing, request);
  return permitted.map((request) => sign(signing, request));
}

async function requireInOrder({ policy, uploads }: Signing, request: Permitted): Promise<void> {
  const { name, uploadId } = request;
  if (uploadId === null) return;
  await uploads.requireOwn(request, uploadId);
  if (name === 'complete') requirePartSizes(await uploads.partSizes(request, uploadId), policy);
}

/** The URL is made anew from what was judged, so that nothing can be signed that was read in another way. */
function sign(
  { policy, credentials, signer }: Signing,
  { method, bucket, key, query, headers }: Permitted,
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
    expiresInSeconds: Math.min(expiresInSeconds, MAX_SECONDS),
  });
}

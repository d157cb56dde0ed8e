import {
  createSignedUrl,
  type ObsConnection,
  type ObsCredentials,
  type SignedRequest,
  type UrlSigner,
} from '../index.js';
import type { Budgets } from './budgets.js';
import { permit, type Permitted } from './policy/permit.js';
import { requirePartSizes } from './policy/size.js';
import { prefixFor } from './policy/target.js';
import { Refusal } from './refusal.js';
import type { ResolvedPolicy } from './policy/resolve-policy.js';
import type { SigningUser } from './policy/signing-policy.js';
import type { Inquiry, Uploads } from './uploads.js';

/** What signing needs. */
export interface Signing {
  readonly connection: ObsConnection;
  readonly policy: ResolvedPolicy;
  readonly signer: UrlSigner;
  readonly credentials: () => Promise<ObsCredentials>;
  /** epoch milliseconds by the store's clock, as far as it is known */
  readonly now: () => number;
  readonly uploads: Uploads;
  readonly budgets: Budgets;
}

const MAX_REQUESTS = 64;
/**
 * While its signature is valid, an initiate starts another upload each time that it is sent, and a complete makes an
 * object of parts that have been sent again since they were checked.
 */
const MAX_BRIEF_SECONDS = 60;

/**
 * Signs all requests, or none: one that is refused fails the others.
 * @param requested - not validated
 * @param signal - aborted when the client has disconnected
 * @throws Refusal
 */
export async function signRequests(
  signing: Signing,
  user: SigningUser,
  requested: unknown,
  signal: AbortSignal,
): Promise<readonly SignedRequest[]> {
  if (!Array.isArray(requested) || requested.length === 0 || requested.length > MAX_REQUESTS) {
    throw new Refusal(`Send a list of 1 to ${MAX_REQUESTS} requests.`, 400);
  }
  const { policy, budgets } = signing;
  const permitted = requested.map((request: unknown) => permit(request, user, policy));
  budgets.spendSignatures(user, permitted.length);
  const inquiry = { budget: budgets.storeCalls(user), signal };
  await requireRoom(signing, user, permitted, inquiry);
  // In order: many parts of an upload that is not known yet cost one request to the store.
  for (const request of permitted) await requireAllowedNow(signing, request, inquiry);
  const credentials = await signing.credentials();
  return permitted.map((request) => sign(signing, credentials, request));
}

async function requireRoom(
  { policy, uploads }: Signing,
  user: SigningUser,
  permitted: readonly Permitted[],
  inquiry: Inquiry,
): Promise<void> {
  const initiates = permitted.filter(({ name }) => name === 'initiate');
  for (const bucket of new Set(initiates.map((request) => request.bucket))) {
    const unfinished = await uploads.countUnfinished(bucket, prefixFor(user, policy), inquiry);
    if (unfinished + initiates.length > policy.maxUnfinishedUploads) {
      throw new Refusal(`${unfinished} uploads are unfinished: complete or abort some of them first.`);
    }
  }
}

async function requireAllowedNow({ policy, uploads }: Signing, request: Permitted, inquiry: Inquiry): Promise<void> {
  const { name, uploadId } = request;
  // Listing the parts of one's own key harms nobody: the store itself reports an upload that is gone. But signatures of
  // OBS and of version 2 cover `uploadId=a&versionId=b` alike as one parameter and as two, so an id with `&` must exist.
  if (uploadId === null || (name === 'list-parts' && !uploadId.includes('&'))) return;
  await uploads.requireOwn(request, uploadId, inquiry);
  if (name === 'complete') requirePartSizes(await uploads.partSizes(request, uploadId, inquiry), policy);
}

/** The URL is built from what was checked, so that nothing can be signed that was read in another way. */
function sign(
  { connection, policy, signer, now }: Signing,
  credentials: ObsCredentials,
  { name, method, bucket, key, query, headers }: Permitted,
): SignedRequest {
  const { endpoint, expiresInSeconds } = policy;
  const isBrief = name === 'initiate' || name === 'complete';
  return createSignedUrl({
    server: connection.server,
    addressing: endpoint.addressing,
    // The connection has checked its server.
    allowInsecure: true,
    credentials,
    signer,
    method,
    bucket,
    key,
    query,
    headers,
    requestDate: new Date(now()),
    expiresInSeconds: isBrief ? Math.min(expiresInSeconds, MAX_BRIEF_SECONDS) : expiresInSeconds,
  });
}

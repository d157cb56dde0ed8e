import type { UploadedPart } from '../model/checkpoint.js';
import type { PlannedPart } from './plan-parts.js';

/**
 * Which parts count as uploaded. The server is the truth: a part known to both is kept where size and ETag agree, one
 * only on the server where its size fits the plan; one only in the checkpoint is not there.
 */
export function keptParts(
  plan: readonly PlannedPart[],
  remembered: readonly UploadedPart[],
  onServer: readonly UploadedPart[],
): UploadedPart[] {
  const etags = new Map(remembered.map((part) => [part.partNumber, part.etag]));
  return onServer.filter((part) => {
    const planned = plan[part.partNumber - 1];
    const etag = etags.get(part.partNumber);
    // An ETag that CORS hid when the part was sent says nothing against it.
    return planned !== undefined && planned.end - planned.start === part.size && (!etag || etag === part.etag);
  });
}

export function missingParts(plan: readonly PlannedPart[], uploaded: readonly UploadedPart[]): PlannedPart[] {
  const have = new Set(uploaded.map((part) => part.partNumber));
  return plan.filter((part) => !have.has(part.partNumber));
}

export function totalSize(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0);
}

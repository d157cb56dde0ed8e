import type { UploadedPart } from './checkpoint.js';
import { sameEtag } from '../etag.js';
import type { PlannedPart } from './parts.js';

/**
 * Which parts count as uploaded. The server is authoritative: a part known to both counts if size and ETag agree, one
 * only on the server if its size fits the plan; one only in the checkpoint is missing. A part only on the server that
 * does not fit shows that the file was split differently, and then none of those counts.
 *
 * @param sentSize - how many bytes a planned part has when it is sent
 */
export function matchingParts(
  plan: readonly PlannedPart[],
  remembered: readonly UploadedPart[],
  onServer: readonly UploadedPart[],
  sentSize = ({ start, end }: PlannedPart): number => end - start,
): UploadedPart[] {
  const etags = new Map(remembered.map((part) => [part.partNumber, part.etag]));
  const checksums = new Map(remembered.map((part) => [part.partNumber, part.checksum]));
  const fits = ({ partNumber, size }: UploadedPart): boolean => {
    const planned = plan[partNumber - 1];
    return planned !== undefined && sentSize(planned) === size;
  };
  const strangersFit = onServer.every((part) => etags.has(part.partNumber) || fits(part));
  const seen = new Set<number>();
  const matching = onServer.filter((part) => {
    // Pages may overlap.
    if (seen.has(part.partNumber)) return false;
    seen.add(part.partNumber);
    const etag = etags.get(part.partNumber);
    if (!fits(part) || (etag === undefined && !strangersFit)) return false;
    // An ETag that CORS hid when the part was sent cannot disagree.
    return !etag || sameEtag(etag, part.etag);
  });
  // Few stores list checksums.
  return matching.map((part) => {
    const checksum = checksums.get(part.partNumber);
    return checksum === undefined ? part : { ...part, checksum };
  });
}

export function missingParts(plan: readonly PlannedPart[], uploaded: readonly UploadedPart[]): PlannedPart[] {
  const have = new Set(uploaded.map((part) => part.partNumber));
  return plan.filter((part) => !have.has(part.partNumber));
}

export function totalSize(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0);
}

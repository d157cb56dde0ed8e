import { EMPTY, from } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { partAt, planParts, type PlannedPart } from '../../model/checkpoint/parts.js';
import { missingParts } from '../../model/checkpoint/reconcile.js';
import type { PartsToSend } from '../../ports/source/streamed-source.js';
import type { Cutting } from '../upload.js';
import { isGrowing } from './growing.js';

/** The parts that the server does not have: of a file all at once. */
export function partsToSend(upload: Cutting, uploaded: readonly UploadedPart[]): PartsToSend {
  const { source } = upload;
  if (isGrowing(source)) return source.partsToSend(upload.partSize, uploaded);
  const missing = missingParts(knownParts(upload), uploaded);
  let started = 0;
  return {
    part$: from(missing),
    started: () => {
      started += 1;
    },
    upcoming: (limit) => missing.slice(started, started + limit),
    warningOf: () => null,
    end$: EMPTY,
  };
}

/** The parts that have all their bytes: of a file all of them. */
export function knownParts({ source, size, partSize }: Cutting): readonly PlannedPart[] {
  if (!isGrowing(source)) return planParts(size ?? source.size, partSize);
  if (source.size !== null) return planParts(source.size, partSize);
  const full = Math.floor(source.availableBytes / partSize);
  return Array.from({ length: full }, (_, i) => partAt(source.availableBytes, partSize, i + 1));
}

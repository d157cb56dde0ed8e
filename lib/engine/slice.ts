import { sizeOfBody } from '../protocol/obs-request.js';
import type { PlannedPart } from '../plan/plan-parts.js';
import type { RequestBody } from '../transport/transport.js';
import type { UploadSource } from '../source/upload-source.js';
import { changed } from './identify.js';

/** A part's bytes as a body. @throws SourceError where the file has become shorter */
export function sliceOf(source: UploadSource, { start, end }: PlannedPart): RequestBody {
  const body = source.slice(start, end);
  if (sizeOfBody(body) !== end - start) throw changed(start, end);
  return body;
}

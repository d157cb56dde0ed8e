import { utf8 } from '../../bytes.js';
import { base64Md5 } from '../../protocol/request/object-headers.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';

/** Over everything that a resume uses, except the file itself. */
export function recordMd5(record: ObsUploadCheckpoint): string {
  const { bucket, key, uploadId, partSize, partCount, parts, fileStat, resume } = record;
  const facts = [
    [bucket, key, uploadId ?? null, partSize, partCount],
    [fileStat.fileSize, fileStat.lastModified ?? null],
    [
      ...[resume.server, resume.fileName, resume.sample, resume.sseCKeyMd5, resume.object],
      ...(resume.rights === undefined ? [] : [resume.rights]),
      ...(resume.partOverheadBytes === undefined ? [] : [resume.partOverheadBytes]),
    ],
    parts.map(({ isCompleted, etag }) => (isCompleted ? (etag ?? '') : null)),
  ];
  return base64Md5(utf8(JSON.stringify(facts, inOrder)));
}

/** Databases may reorder the properties of JSON. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

import type { FileIdentity } from '../../model/checkpoint/checkpoint.js';
import { SourceError } from '../../model/errors/errors.js';

/** Compares size and a sample of the bytes (of a stream, its id), not the name. Without a sample no part is vouched for. */
export function hasSameContent(now: FileIdentity, then: FileIdentity): boolean {
  return agree(now.size, then.size) && (then.sample === '' || now.sample === then.sample);
}

/** A Blob has neither name nor date, a stream no size before its end: what is unknown cannot differ. */
export function hasSameName(
  now: Pick<FileIdentity, 'name' | 'lastModified'>,
  then: Pick<FileIdentity, 'name' | 'lastModified'>,
): boolean {
  return agree(now.name, then.name) && agree(now.lastModified, then.lastModified);
}

function agree<T>(now: T | null, then: T | null): boolean {
  return now === null || then === null || now === then;
}

export function otherFile(): SourceError {
  return new SourceError(
    'source-changed',
    'This is not the file that the checkpoint belongs to, or it has changed since. Choose the same file, or start ' +
      'without the checkpoint.',
  );
}

export function otherName(): SourceError {
  return new SourceError(
    'source-changed',
    'The file has another name or date than the one that the checkpoint belongs to. If it is the same file (a phone ' +
      "gives it new ones), resume with verifyResume: 'parts', which compares its content; else choose the same file, " +
      'or start without the checkpoint.',
  );
}

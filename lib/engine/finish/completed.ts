import { concat, EMPTY, of, type Observable } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { ServiceError } from '../../model/errors/errors.js';
import type { UploadResult } from '../../model/upload/event.js';
import { objectSize } from '../parts/read-source.js';
import type { Activity } from '../step.js';
import type { SizedUpload } from '../upload.js';

/** What is known of the finished object. */
export interface ObjectFacts extends Pick<UploadResult, 'etag' | 'versionId' | 'requestId' | 'verified'> {
  readonly location?: string | null;
  /** By HEAD, which counts what `finalize` of a stream has changed. */
  readonly size?: number | null;
  /** The object is stored, but the callback that the service makes afterwards failed. */
  readonly callbackFailed?: boolean;
}

/** The last event of an upload. */
export function completed$(upload: SizedUpload, facts: ObjectFacts, skipped = false): Observable<Activity> {
  const { bucket, key, address } = upload;
  const { etag, versionId, requestId, verified } = facts;
  const location = asUrl(facts.location) ?? address.url;
  const result: UploadResult = {
    bucket,
    key,
    location,
    etag,
    versionId,
    requestId,
    totalBytes: facts.size ?? objectSize(upload),
    verified,
  };
  return concat(
    facts.callbackFailed === true
      ? of<Activity>({ type: 'warning', error: toUploadErrorInfo(callbackFailed(requestId)) })
      : EMPTY,
    of<Activity>({ type: 'completed', result, skipped }),
  );
}

/** Ceph returns a location without a scheme and port. */
function asUrl(location: string | null | undefined): string | null {
  return location && /^https?:\/\//i.test(location) ? location : null;
}

function callbackFailed(requestId: string | null): ServiceError {
  return new ServiceError('service', 'The object is stored, but the callback to your server failed.', {
    status: 203,
    serviceCode: null,
    requestId,
  });
}

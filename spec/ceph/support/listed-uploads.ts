import { listUploads$, type ObsConnection, type UnfinishedUpload } from 'rx-obs-upload';
import { lastValueFrom, toArray } from 'rxjs';

/** All unfinished uploads of keys with that prefix. */
export function listedUploads(
  obs: ObsConnection,
  bucket: string,
  prefix: string,
): Promise<readonly UnfinishedUpload[]> {
  return lastValueFrom(listUploads$(obs, { bucket, prefix }).pipe(toArray()));
}

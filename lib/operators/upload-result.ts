import { filter, map, type OperatorFunction } from 'rxjs';
import type { UploadCompleted, UploadEvent, UploadResult } from '../model/upload/event.js';

/**
 * Emits only the result; empty if an operator upstream cancelled the upload.
 *
 * ```text
 * events:          --s--p--p--(d|)
 * uploadResult():  -----------(r|)
 * ```
 *
 * @example
 * ```ts
 * const { etag } = await firstValueFrom(uploadFile$(obs, request).pipe(uploadResult()));
 * ```
 */
export function uploadResult(): OperatorFunction<UploadEvent, UploadResult> {
  return (event$) =>
    event$.pipe(
      filter((event): event is UploadCompleted => event.type === 'completed'),
      map(({ result }) => result),
    );
}

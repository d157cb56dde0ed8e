import { InjectionToken } from '@angular/core';
import type { UploadRequest } from 'rx-obs-upload';

/** Files by the ids of their uploads, beside the store: a `File` cannot be written as JSON, and a state must. */
export type UploadFiles = Map<string, UploadRequest['sourceFile']>;

export const UPLOAD_FILES: InjectionToken<UploadFiles> = new InjectionToken<UploadFiles>('UPLOAD_FILES', {
  providedIn: 'root',
  factory: () => new Map(),
});

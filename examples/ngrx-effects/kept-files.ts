import { InjectionToken } from '@angular/core';
import type { UploadRequest } from 'rx-obs-upload';

/** Files by the ids of their uploads, beside the store: a `File` cannot be written as JSON, and a state must. */
export type KeptFiles = Map<string, UploadRequest['sourceFile']>;

export const KEPT_FILES: InjectionToken<KeptFiles> = new InjectionToken<KeptFiles>('KEPT_FILES', {
  providedIn: 'root',
  factory: () => new Map(),
});

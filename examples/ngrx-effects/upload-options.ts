import { InjectionToken } from '@angular/core';
import type { UploadQueueOptions } from 'rx-obs-upload';

export const UPLOAD_OPTIONS: InjectionToken<UploadQueueOptions> = new InjectionToken<UploadQueueOptions>(
  'UPLOAD_OPTIONS',
);

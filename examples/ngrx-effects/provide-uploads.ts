import { makeEnvironmentProviders, type EnvironmentProviders } from '@angular/core';
import { provideEffects } from '@ngrx/effects';
import { provideState } from '@ngrx/store';
import type { UploadQueueOptions } from 'rx-obs-upload';
import * as uploadEffects from './upload.effects.js';
import { uploadsFeature } from './upload.feature.js';
import { UPLOAD_OPTIONS } from './upload-options.js';

/** To stand beside `provideStore` and `provideObsConnection`. */
export function provideUploads(options: UploadQueueOptions = {}): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: UPLOAD_OPTIONS, useValue: options },
    provideState(uploadsFeature),
    provideEffects(uploadEffects),
  ]);
}

import { makeEnvironmentProviders, type EnvironmentProviders } from '@angular/core';
import { provideEffects } from '@ngrx/effects';
import { provideState } from '@ngrx/store';
import * as uploadEffects from './upload.effects.js';
import { uploadsFeature } from './upload.feature.js';

/** To stand beside `provideStore` and `provideObsConnection`. */
export function provideUploads(): EnvironmentProviders {
  return makeEnvironmentProviders([provideState(uploadsFeature), provideEffects(uploadEffects)]);
}

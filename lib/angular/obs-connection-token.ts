import { InjectionToken } from '@angular/core';
import type { ObsConnection } from '../index.js';

/** Provided by `provideObsConnection`. */
export const OBS_CONNECTION: InjectionToken<ObsConnection> = new InjectionToken<ObsConnection>('OBS_CONNECTION');

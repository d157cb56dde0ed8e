import { InjectionToken } from '@angular/core';
import type { ObsConnection } from '../index.js';

/** The connection of an injector; `provideObsConnection` provides it. */
export const OBS_CONNECTION: InjectionToken<ObsConnection> = new InjectionToken<ObsConnection>('OBS_CONNECTION');

import { InjectionToken } from '@angular/core';

/** What the server sends the page at its start. */
export interface Settings {
  /** Origin of the store. */
  readonly server: string;
  readonly bucket: string;
  /** Where this user may upload to; ends with a slash. */
  readonly keyPrefix: string;
  /** Identifies the user, for the signing server alone. */
  readonly session: string;
}

export const SETTINGS: InjectionToken<Settings> = new InjectionToken<Settings>('SETTINGS');

import type { Line } from './line.js';
import type { Work } from './work.js';

/** A program that uploads: its page is `contestants/<id>.ts`. */
export type Contestant =
  | 'bare-xhr'
  | 'rx-obs-upload'
  | 'rx-obs-upload-worker'
  | 'official-sdk'
  | 'tus'
  | 'hash-in-page'
  | 'hash-in-worker';

/** A contestant in a scenario, under a name of its own where it takes part more than once. */
export interface Entrant {
  readonly label: string;
  readonly contestant: Contestant;
  /** Where it differs from the scenario's. */
  readonly work?: Partial<Work>;
  readonly line?: Partial<Line>;
}

/** One row of the promises. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly work: Work;
  readonly line?: Partial<Line>;
  /** All are compared with the first. */
  readonly entrants: readonly Entrant[];
  /** Whether no contestant warms up: nothing is compiled, and no connection is open. */
  readonly isCold?: boolean;
  /** Who is not done by then never ends. */
  readonly limitSeconds?: number;
  /** How often, where the scenario is slow. */
  readonly maxRounds?: number;
  /** The smallest part of the full size that still shows the effect; `--quick` takes an eighth. */
  readonly minQuickShare?: number;
}

export const bareXhr: Entrant = { label: 'bare XHR', contestant: 'bare-xhr' };
/** The same once more: how far two equals are apart is the noise. */
export const bareXhrAgain: Entrant = { label: 'bare XHR (again)', contestant: 'bare-xhr' };
export const rxObsUpload: Entrant = { label: 'rx-obs-upload', contestant: 'rx-obs-upload' };
export const rxObsUploadWorker: Entrant = {
  label: 'rx-obs-upload, in a worker',
  contestant: 'rx-obs-upload-worker',
};
export const officialSdk: Entrant = { label: 'esdk-obs-browserjs', contestant: 'official-sdk' };
export const tus: Entrant = { label: 'tus-js-client', contestant: 'tus' };

export const everyone: readonly Entrant[] = [bareXhr, bareXhrAgain, rxObsUpload, officialSdk, tus];

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

/** A contestant in a scenario, with its own label if it takes part more than once. */
export interface Entrant {
  readonly label: string;
  readonly contestant: Contestant;
  /** Whether the browser is asked to compile all functions while the page loads (V8's explicit compile hints). */
  readonly hint?: boolean;
  /** Differences from the scenario's work. */
  readonly work?: Partial<Work>;
  readonly line?: Partial<Line>;
}

/** One table of the published results. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly work: Work;
  readonly line?: Partial<Line>;
  /** All are compared to the first. */
  readonly entrants: readonly Entrant[];
  /** Whether contestants run without a warm-up: nothing is compiled, and no connection is open. */
  readonly isCold?: boolean;
  /** An entrant that has not completed by then has failed. */
  readonly limitSeconds?: number;
  /** The highest number of rounds, for slow scenarios. */
  readonly maxRounds?: number;
  /** The smallest fraction of the full size that still shows the effect; `--quick` uses an eighth. */
  readonly minQuickShare?: number;
}

export const bareXhr: Entrant = { label: 'bare XHR', contestant: 'bare-xhr' };
/** The same again: the difference between the two is the noise. */
export const bareXhrAgain: Entrant = { label: 'bare XHR (again)', contestant: 'bare-xhr' };
/** What a store requires at the least before the first part. */
export const bareXhrInitiating: Entrant = {
  label: 'bare XHR, after initiate',
  contestant: 'bare-xhr',
  work: { initiates: true },
};
export const rxObsUpload: Entrant = { label: 'rx-obs-upload', contestant: 'rx-obs-upload' };
export const rxObsUploadHinted: Entrant = {
  label: 'rx-obs-upload, compile hint',
  contestant: 'rx-obs-upload',
  hint: true,
};
export const rxObsUploadWorker: Entrant = {
  label: 'rx-obs-upload, in a worker',
  contestant: 'rx-obs-upload-worker',
};
export const officialSdk: Entrant = { label: 'esdk-obs-browserjs', contestant: 'official-sdk' };
export const officialSdkHinted: Entrant = {
  label: 'esdk-obs-browserjs, compile hint',
  contestant: 'official-sdk',
  hint: true,
};
export const tus: Entrant = { label: 'tus-js-client', contestant: 'tus' };

export const everyone: readonly Entrant[] = [bareXhr, bareXhrAgain, rxObsUpload, officialSdk, tus];

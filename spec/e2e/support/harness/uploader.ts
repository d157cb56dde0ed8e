import type { UploadCheckpoint, UploadErrorInfo, UploadEvent } from 'rx-obs-upload';
import type { HarnessReport, HarnessRequest } from './upload.js';

/** Uploads one file for a spec in some place, and records what it reports. */
export interface Uploader {
  readonly events: readonly UploadEvent[];
  readonly checkpoint: UploadCheckpoint | null;
  readonly error: UploadErrorInfo | null;
  start(request: Omit<HarnessRequest, 'checkpoint'> & { readonly checkpoint?: UploadCheckpoint | null }): Promise<void>;
  cancel(): Promise<void>;
  /** Advances time until something that stalls is aborted. */
  advancePastStall(): Promise<void>;
  /** Resolves when the upload that was started last ends, successfully or not. */
  ended(): Promise<void>;
  count(type: UploadEvent['type']): number;
  close(): Promise<void>;
}

interface Commands {
  start(request: HarnessRequest): Promise<unknown>;
  cancel(): Promise<unknown>;
  advancePastStall(): Promise<unknown>;
  close(): Promise<void>;
}

export function recordReports(commands: Commands): {
  readonly uploader: Uploader;
  report(report: HarnessReport): void;
  /** Called when no more reports will come. */
  lose(error: unknown): void;
} {
  const events: UploadEvent[] = [];
  let checkpoint: UploadCheckpoint | null = null;
  let error: UploadErrorInfo | null = null;
  let end: () => void = () => undefined;
  let lose: (error: unknown) => void = () => undefined;
  let ended = Promise.resolve();
  return {
    report(report) {
      if (report.type !== 'event') {
        if (report.type === 'error') ({ error } = report);
        return end();
      }
      events.push(report.event);
      if (report.event.type === 'checkpoint') ({ checkpoint } = report.event);
    },
    lose: (lost) => lose(lost),
    uploader: {
      events,
      get checkpoint() {
        return checkpoint;
      },
      get error() {
        return error;
      },
      async start({ checkpoint: from = null, ...request }) {
        error = null;
        ended = new Promise((resolve, reject) => ([end, lose] = [resolve, reject]));
        // No spec waits for the end of a killed upload.
        ended.catch(() => undefined);
        await commands.start({ ...request, checkpoint: from });
      },
      async cancel() {
        await commands.cancel();
      },
      async advancePastStall() {
        await commands.advancePastStall();
      },
      ended: () => ended,
      count: (type) => events.filter((event) => event.type === type).length,
      close: () => commands.close(),
    },
  };
}

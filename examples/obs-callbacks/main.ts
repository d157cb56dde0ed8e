import { ObsClient, type ObsUploadCheckpoint, type ResumeHook, type UploadFileParams } from 'rx-obs-upload/compat';
import { loadSettings, type Settings } from './settings.js';
import { pageLog } from './page-log.js';

const MIB = 1024 * 1024;
const page = pageLog(document);

/**
 * Uploads a file with callbacks alone: its hook suspends it once when half of it is sent, and the callback, which gets
 * that as an error, resumes with the checkpoint.
 */
function upload(obs: ObsClient, bucket: string, file: File): void {
  let hook: ResumeHook | null = null;
  let checkpoint: ObsUploadCheckpoint | null = null;
  let mayStillSuspend = true;
  let alreadyThere = 0;

  const callbacks: Pick<UploadFileParams, 'ProgressCallback' | 'EventCallback' | 'ResumeCallback'> = {
    ProgressCallback(transferredAmount, totalAmount, totalSeconds) {
      const sentNow = transferredAmount - alreadyThere;
      page.progress(transferredAmount / totalAmount, sentNow / 1024 / totalSeconds);
      if (mayStillSuspend && transferredAmount >= totalAmount / 2) {
        mayStillSuspend = false;
        hook?.cancel();
      }
    },
    EventCallback(eventType, eventParam, eventResult) {
      const part = eventParam.partNumber === undefined ? '' : ` ${eventParam.partNumber}`;
      page.log(eventResult instanceof Error ? `${eventType}${part}: ${eventResult.message}` : `${eventType}${part}`);
    },
    ResumeCallback(resumeHook, uploadCheckpoint) {
      hook = resumeHook;
      checkpoint = uploadCheckpoint;
    },
  };

  page.begin(file.name);
  obs.uploadFile(
    { Bucket: bucket, Key: file.name, SourceFile: file, PartSize: MIB, TaskNum: 3, ...callbacks },
    (error, result) => {
      if (error === null) return page.end(result);
      page.log(`Stopped: ${error.message}`);
      if (checkpoint === null) return page.end(error);
      const done = checkpoint.parts.filter(({ isCompleted }) => isCompleted);
      alreadyThere = done.reduce((bytes, { partSize }) => bytes + partSize, 0);
      page.log(`Resuming: ${done.length} of ${checkpoint.partCount} parts are on the server.`);
      obs.uploadFile({ UploadCheckpoint: checkpoint, TaskNum: 3, ...callbacks }, (again, finished) =>
        page.end(again ?? finished),
      );
    },
  );
}

/** Credentials in a page must be temporary ones: these are worth nothing once the local OBS stops. */
function connect({ server, accessKeyId, secretAccessKey }: Settings): ObsClient {
  return new ObsClient({ access_key_id: accessKeyId, secret_access_key: secretAccessKey, server });
}

async function start(): Promise<void> {
  const settings = await loadSettings();
  const obs = connect(settings);
  page.onFile((file) => upload(obs, settings.bucket, file));
}

start().catch((error: unknown) => page.end(error));

import { concatMap, firstValueFrom, from, lastValueFrom, Subject } from 'rxjs';
import {
  createObsConnection,
  indexedDbCheckpointStore,
  indexedDbSpool,
  isUploadError,
  pendingUploads$,
  recallStream$,
  streamSource,
  uploadFile$,
  uploadResult,
  type ObsCredentials,
} from 'rx-obs-upload';

export interface RecordingRequest {
  readonly server: string;
  readonly credentials: ObsCredentials;
  readonly bucket: string;
  readonly key: string;
  readonly partSize: number;
  readonly taskNum: number;
}

/** Records and uploads a stream of known bytes for a spec. */
export interface RecordingPage {
  begin(request: RecordingRequest): void;
  /** Emits the next chunk, filled with its number; every second one is a Blob. */
  produce(chunk: number, bytes: number): void;
  /** How much of the stream and how many uploads are stored in the browser. */
  stored(): Promise<{ readonly end: number; readonly checkpoints: number }>;
  /** Completes the recording of an earlier page. @returns the size of the object, or the error */
  complete(request: RecordingRequest): Promise<number | string>;
}

declare global {
  interface Window {
    recording: RecordingPage;
  }
}

const chunk$ = new Subject<Blob | Uint8Array>();
const spool = indexedDbSpool();
const checkpointStore = indexedDbCheckpointStore();

window.recording = {
  begin({ server, credentials, ...request }) {
    const obs = createObsConnection({ server, credentials });
    const sourceFile = streamSource(chunk$, { type: 'video/webm', spool });
    uploadFile$(obs, { ...request, sourceFile, checkpointStore }).subscribe();
  },
  produce(chunk, bytes) {
    const content = new Uint8Array(bytes).fill(chunk);
    chunk$.next(chunk % 2 === 0 ? content : new Blob([content]));
  },
  async stored() {
    const [id = ''] = await firstValueFrom(from(spool.list()));
    const recording = await lastValueFrom(from(spool.load(id)), { defaultValue: null });
    const last = recording?.chunks.at(-1);
    const bytes = last?.chunk instanceof Blob ? last.chunk.size : (last?.chunk.byteLength ?? 0);
    const uploads = await firstValueFrom(pendingUploads$(checkpointStore));
    return { end: last === undefined ? 0 : last.start + bytes, checkpoints: uploads.length };
  },
  async complete({ server, credentials, taskNum }) {
    const obs = createObsConnection({ server, credentials });
    const [upload] = await firstValueFrom(pendingUploads$(checkpointStore));
    if (upload === undefined) return 'Nothing is unfinished.';
    const uploadCheckpoint = upload.checkpoint;
    const result$ = recallStream$(spool, uploadCheckpoint).pipe(
      concatMap((sourceFile) => uploadFile$(obs, { sourceFile, uploadCheckpoint, checkpointStore, taskNum })),
      uploadResult(),
    );
    try {
      return (await lastValueFrom(result$)).totalBytes;
    } catch (error) {
      return isUploadError(error) ? `${error.code}: ${error.message}` : String(error);
    }
  },
};

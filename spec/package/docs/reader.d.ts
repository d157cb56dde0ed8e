// What the README and the guides leave to whoever reads them: names that samples use without declaring them.
import type {
  ObsConnection,
  ObsCredentials,
  UploadCheckpoint,
  UploadEvent,
  UploadRequest,
  UploadSnapshot,
  QueueSnapshot,
  QueueState,
} from 'rx-obs-upload';
import type { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';

declare global {
  const server: string;
  const credentials: ObsCredentials;
  const obs: ObsConnection;
  const file: File;
  const checkpoint: UploadCheckpoint;
  const request: UploadRequest & { readonly bucket: string; readonly key: string };
  const testScheduler: TestScheduler;
  /** As Angular's HttpClient. */
  const http: { get<T>(url: string): Observable<T>; post<T>(url: string, body: unknown): Observable<T> };
  function showEvent(event: UploadEvent): void;
  function keep(checkpoint: UploadCheckpoint | null): void;
  const requests$: Observable<UploadRequest & { readonly id: string }>;
  const cancel$: Observable<string>;
  function render(state: Partial<UploadSnapshot> | QueueSnapshot | QueueState): void;
}

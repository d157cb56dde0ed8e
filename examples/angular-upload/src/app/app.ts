import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject, signal } from '@angular/core';
import { takeUntilDestroyed, toObservable, toSignal } from '@angular/core/rxjs-interop';
import {
  abortUpload$,
  indexedDbCheckpointStore,
  pendingUploads$,
  toUploadErrorInfo,
  type PendingUpload,
} from 'rx-obs-upload';
import { injectObsConnection, injectUploads } from 'rx-obs-upload/angular';
import { catchError, concatMap, from, merge, of, startWith, Subject, switchMap } from 'rxjs';
import { md5InWorkers } from './md5-in-workers.js';
import { PendingRow } from './pending-row.js';
import { SETTINGS } from './settings.js';
import { UploadRow } from './upload-row.js';

/** Small, so that a film has many. */
const PART_SIZE = 5 * 1024 * 1024;

/** Takes files by drop or by choice, shows their uploads, and what earlier visits left unfinished. */
@Component({
  selector: 'app-root',
  imports: [PendingRow, UploadRow],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './app.html',
})
export class App {
  readonly #settings = inject(SETTINGS);
  readonly #obs = injectObsConnection();
  readonly #destroyRef = inject(DestroyRef);
  readonly #checkpointStore = indexedDbCheckpointStore();
  readonly #names = new Map<string, string>();
  readonly #discarded$ = new Subject<void>();

  protected readonly uploads = injectUploads({ filesAtOnce: 2 });
  protected readonly isOver = signal(false);
  protected readonly complaint = signal('');

  /** The store is looked at again whenever an upload gets another status. */
  readonly #statuses = computed(() =>
    this.uploads
      .files()
      .map(({ id, upload }) => `${id} ${upload.status}`)
      .join(),
  );
  readonly #stored = toSignal(
    merge(toObservable(this.#statuses), this.#discarded$).pipe(
      // Without a store uploads work, and leave nothing behind.
      switchMap(() => pendingUploads$(this.#checkpointStore).pipe(catchError(() => of([])))),
      startWith([] as readonly PendingUpload[]),
    ),
    { requireSync: true },
  );
  protected readonly pending = computed(() => {
    const shown = new Set(this.uploads.files().map(({ id }) => this.nameOf(id)));
    return this.#stored().filter(({ checkpoint }) => !shown.has(checkpoint.file.name ?? ''));
  });

  protected nameOf(id: string): string {
    return this.#names.get(id) ?? '';
  }

  /** A file that is here again after a reload goes on where it stood: the store knows it. */
  protected add(files: FileList | null | undefined): void {
    const { bucket, keyPrefix } = this.#settings;
    for (const file of files ?? []) {
      const id = this.uploads.start({
        bucket,
        key: `${keyPrefix}${file.name}`,
        sourceFile: file,
        partSize: PART_SIZE,
        taskNum: 3,
        checksum: 'md5',
        hasher: md5InWorkers,
        checkpointStore: this.#checkpointStore,
      });
      this.#names.set(id, file.name);
    }
  }

  protected drop(event: DragEvent): void {
    event.preventDefault();
    this.isOver.set(false);
    this.add(event.dataTransfer?.files);
  }

  /** Without this the browser would open what is dropped. */
  protected allowDrop(event: DragEvent): void {
    event.preventDefault();
    this.isOver.set(true);
  }

  /** For good: its parts are deleted from the server. */
  protected discard({ id, checkpoint }: PendingUpload): void {
    abortUpload$(this.#obs, checkpoint)
      .pipe(
        concatMap(() => from(this.#checkpointStore.remove(id))),
        takeUntilDestroyed(this.#destroyRef),
      )
      .subscribe({
        error: (error: unknown) => this.complaint.set(toUploadErrorInfo(error).message),
        complete: () => this.#discarded$.next(),
      });
  }
}

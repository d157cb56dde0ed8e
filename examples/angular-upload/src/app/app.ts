import { ChangeDetectionStrategy, Component, DestroyRef, inject, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { droppedFiles$, indexedDbCheckpointStore } from 'rx-obs-upload';
import { injectUploads } from 'rx-obs-upload/angular';
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
  readonly #destroyRef = inject(DestroyRef);

  protected readonly uploads = injectUploads({
    filesAtOnce: 2,
    checkpointStore: indexedDbCheckpointStore(),
    defaults: {
      bucket: this.#settings.bucket,
      partSize: PART_SIZE,
      taskNum: 3,
      checksum: 'md5',
      hasher: md5InWorkers,
    },
  });
  protected readonly isOver = signal(false);

  /** A file that is chosen again after a reload is resumed: the store knows it. */
  protected choose(files: FileList | null): void {
    this.#add([...(files ?? [])].map((file) => ({ file, path: file.name })));
  }

  /** A dropped folder is read with all that is in it. */
  protected drop(event: DragEvent): void {
    event.preventDefault();
    this.isOver.set(false);
    if (event.dataTransfer === null) return;
    droppedFiles$(event.dataTransfer)
      .pipe(takeUntilDestroyed(this.#destroyRef))
      .subscribe(({ files }) => this.#add(files));
  }

  /** Without this the browser would open what is dropped. */
  protected allowDrop(event: DragEvent): void {
    event.preventDefault();
    this.isOver.set(true);
  }

  #add(files: readonly { readonly file: File; readonly path: string }[]): void {
    const { keyPrefix } = this.#settings;
    this.uploads.add(files.map(({ file, path }) => ({ key: `${keyPrefix}${path}`, sourceFile: file })));
  }
}

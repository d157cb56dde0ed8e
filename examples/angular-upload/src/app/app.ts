import { PercentPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, DestroyRef, inject, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { droppedFiles$, indexedDbCheckpointStore, type SelectedFile, type UploadCheckpoint } from 'rx-obs-upload';
import { injectUploads } from 'rx-obs-upload/angular';
import { workerHasher } from 'rx-obs-upload/worker';
import { SETTINGS } from './settings.js';
import { UploadRow } from './upload-row.js';

// The Angular CLI bundles workers of the application's own code alone.
const createWorker = (): Worker => new Worker(new URL('./md5.worker', import.meta.url), { type: 'module' });

/** Takes files by drop or by choice, shows their uploads, and what earlier visits left unfinished. */
@Component({
  selector: 'app-root',
  imports: [PercentPipe, UploadRow],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './app.html',
})
export class App {
  readonly #settings = inject(SETTINGS);
  readonly #destroyRef = inject(DestroyRef);
  protected readonly isOver = signal(false);

  protected readonly uploads = injectUploads({
    filesAtOnce: 2,
    checkpointStore: indexedDbCheckpointStore(),
    defaults: {
      bucket: this.#settings.bucket,
      partSize: 5 * 1024 * 1024, // small, so that a film has many
      taskNum: 3,
      checksum: 'md5',
      hasher: workerHasher({ createWorker }),
    },
  });

  protected choose(files: FileList | null): void {
    this.#add(Array.from(files ?? [], (file) => ({ file, path: file.name })));
  }

  /** A dropped folder is read with all that is in it. */
  protected drop({ dataTransfer }: DragEvent): void {
    if (dataTransfer === null) return;
    droppedFiles$(dataTransfer)
      .pipe(takeUntilDestroyed(this.#destroyRef))
      .subscribe(({ files }) => this.#add(files));
  }

  /** A file that an earlier visit left unfinished is resumed: the store knows it. */
  #add(files: readonly Pick<SelectedFile, 'file' | 'path'>[]): void {
    const { keyPrefix } = this.#settings;
    this.uploads.add(files.map(({ file, path }) => ({ key: keyPrefix + path, sourceFile: file })));
  }

  protected sentFraction({ parts, file }: UploadCheckpoint): number {
    return parts.reduce((sum, { size }) => sum + size, 0) / (file.size ?? Infinity);
  }
}

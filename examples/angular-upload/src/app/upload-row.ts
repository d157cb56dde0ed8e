import { DecimalPipe, PercentPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import type { UploadSnapshot } from 'rx-obs-upload';

const MIB = 1024 * 1024;

/** One upload: how far it is, and what can be done about it. */
@Component({
  selector: 'li[app-upload-row]',
  imports: [DecimalPipe, PercentPipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { 'data-testid': 'upload', '[attr.data-status]': 'upload().status' },
  templateUrl: './upload-row.html',
})
export class UploadRow {
  readonly name = input.required<string>();
  readonly upload = input.required<UploadSnapshot>();
  readonly pause = output();
  readonly resume = output();
  readonly cancel = output();

  protected readonly megabytes = computed(() => this.upload().totalBytes / MIB);
  protected readonly speed = computed(() => (this.upload().bytesPerSecond ?? 0) / MIB);
  protected readonly canPause = computed(
    () => !['idle', 'paused', 'failed', 'completed'].includes(this.upload().status),
  );
  protected readonly canResume = computed(() => ['paused', 'failed'].includes(this.upload().status));
}

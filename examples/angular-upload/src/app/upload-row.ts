import { DecimalPipe, PercentPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import type { QueueRow } from 'rx-obs-upload';

const MIB = 1024 * 1024;

/** One upload: how far it is, and what can be done about it. */
@Component({
  selector: 'li[app-upload-row]',
  imports: [DecimalPipe, PercentPipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { 'data-testid': 'upload', '[attr.data-status]': 'row().status' },
  templateUrl: './upload-row.html',
})
export class UploadRow {
  readonly row = input.required<QueueRow>();
  readonly pause = output();
  readonly resume = output();
  readonly abort = output();
  readonly remove = output();

  protected readonly megabytes = computed(() => (this.row().size ?? 0) / MIB);
  protected readonly speed = computed(() => (this.row().snapshot.bytesPerSecond ?? 0) / MIB);
}

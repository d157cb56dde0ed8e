import { PercentPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import type { UploadCheckpoint } from 'rx-obs-upload';

/** What an earlier visit left unfinished: it waits for its file. */
@Component({
  selector: 'li[app-pending-row]',
  imports: [PercentPipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { 'data-testid': 'pending' },
  template: `
    <span>Choose {{ checkpoint().file.name }} again to resume at {{ fraction() | percent }}.</span>
    <button type="button" data-testid="discard" (click)="discard.emit()">Give up</button>
  `,
})
export class PendingRow {
  readonly checkpoint = input.required<UploadCheckpoint>();
  readonly discard = output();

  protected readonly fraction = computed(() => {
    const { parts, file } = this.checkpoint();
    return parts.reduce((sum, { size }) => sum + size, 0) / (file.size ?? Number.POSITIVE_INFINITY);
  });
}

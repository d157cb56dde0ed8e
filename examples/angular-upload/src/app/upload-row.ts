import { DecimalPipe, PercentPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { QueueRow } from 'rx-obs-upload';
import type { Uploads } from 'rx-obs-upload/angular';

/** One upload: how far it is, and what can be done about it. Rendered again only when its row changes. */
@Component({
  selector: 'li[app-upload-row]',
  imports: [DecimalPipe, PercentPipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { 'data-testid': 'upload', '[attr.data-status]': 'row().status' },
  templateUrl: './upload-row.html',
})
export class UploadRow {
  readonly row = input.required<QueueRow>();
  readonly uploads = input.required<Uploads>();
  protected readonly MIB = 1024 * 1024;
}

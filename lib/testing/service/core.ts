import type { ObsControl } from '../../fake-obs/state/control.js';
import type { ArrivalPlan } from '../../fake-obs/faults/plan.js';
import type { ObsService } from '../../fake-obs/service.js';
import type { BytesStore } from '../bytes/bytes-store.js';
import type { Clogs } from '../fakes/clogs.js';
import type { Page } from './page.js';
import type { EtagKind } from '../bytes/receive-body.js';

/** The state behind the fake transport. */
export interface FakeObsCore {
  readonly service: ObsService;
  readonly bytes: BytesStore;
  readonly control: ObsControl;
  readonly etags: EtagKind;
  readonly clogs: Clogs;
  /** null: the client is not a page, nothing is hidden from it */
  readonly page: Page | null;
  /** Milliseconds from the end of the body to the response, or to the blanks before it. */
  latencyMs(plan: ArrivalPlan): number;
  /** null: unlimited */
  bytesPerSecond(plan: ArrivalPlan): number | null;
}

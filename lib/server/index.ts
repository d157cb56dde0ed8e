export { createObsServer } from './create-obs-server.js';
export { createObsHandler } from './create-obs-handler.js';
export { on } from '../fake-obs/faults/on.js';

export type { ObsServer, ObsServerOptions } from './create-obs-server.js';
export type { ObsHandler, ObsHandlerOptions } from './create-obs-handler.js';
export type { Act, Fault, FaultMatch, FaultRule, Modifier, Outcome, StallPoint } from '../fake-obs/faults/fault.js';
export type { FaultBuilder, RespondOptions } from '../fake-obs/faults/on.js';
export type { Arrival, ArrivalLog } from '../fake-obs/arrivals.js';
export type { CallbackRequest, FakeCredentials, ObsServiceOptions } from '../fake-obs/state/config.js';
export type { CorsRule } from '../fake-obs/response/cors.js';
export type { ObsControl } from '../fake-obs/state/control.js';
export type { ObsOperation, ObsRequest, QueryParameter, RequestHead } from '../fake-obs/request/request.js';
export type { ObjectHeaders } from '../fake-obs/request/object-headers.js';
export type { BucketRecord, ObjectRecord, ObsState, PartRecord, UploadRecord } from '../fake-obs/state/state.js';
export type { Refusal, RefusalCode } from '../fake-obs/response/refusal.js';

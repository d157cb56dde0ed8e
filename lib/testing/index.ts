export { createFakeObs } from './service/create-fake-obs.js';
export { on } from '../fake-obs/faults/on.js';
export { fakeSource, bytesOf } from './fakes/fake-source.js';
export { memorySpool } from './fakes/memory-spool.js';
export { fakeStream } from './fakes/fake-stream.js';
export { fakeCheckpointStore } from './fakes/fake-checkpoint-store.js';
export { fakeLock } from './fakes/fake-lock.js';
export { fakeHasher } from './fakes/fake-hasher.js';
export { createTestTransport } from './test-transport/create-test-transport.js';
export { answers } from './test-transport/answers.js';
export { events } from './examples/events.js';
export { checkpointOf } from './examples/checkpoint-of.js';
export { snapshotOf } from './examples/snapshot-of.js';
export { resultOf } from './examples/result-of.js';
export { errorInfoOf } from './examples/error-info-of.js';

export type { FakeObs, FakeObsOptions, FakeObject } from './service/fake-obs.js';
export type { FakeSource, FakeSourceOptions, ReadFailure } from './fakes/fake-source.js';
export type { FakeStream, FakeStreamOptions } from './fakes/fake-stream.js';
export type {
  TestTransport,
  TestTransportOptions,
  TestRequestMatch,
  TestRequestFields,
} from './test-transport/test-transport.js';
export type { TestRequest, TestRequestState, TestAnswer } from './test-transport/test-request.js';
export type { Answers } from './test-transport/answers.js';
export type { EventBuilders } from './examples/events.js';
export type { CheckpointFields } from './examples/checkpoint-of.js';
export type {
  FakeCheckpointStore,
  FakeCheckpointStoreOptions,
  StoreFailure,
  StoreOperation,
} from './fakes/fake-checkpoint-store.js';
export type { FakeLock } from './fakes/fake-lock.js';
export type { FakeHasher, FakeHasherOptions } from './fakes/fake-hasher.js';
export type { FakeLine } from './fakes/clogs.js';
export type { EtagKind } from './bytes/receive-body.js';
export type { Act, Fault, FaultMatch, FaultRule, Modifier, Outcome, StallPoint } from '../fake-obs/faults/fault.js';
export type { FaultBuilder, RespondOptions } from '../fake-obs/faults/on.js';
export type { Arrival } from '../fake-obs/arrivals.js';
export type { CallbackRequest, FakeCredentials, ObsServiceOptions } from '../fake-obs/state/config.js';
export type { CorsRule } from '../fake-obs/response/cors.js';
export type { ObsControl } from '../fake-obs/state/control.js';
export type { ObsOperation, ObsRequest, QueryParameter, RequestHead } from '../fake-obs/request/request.js';
export type { ObjectHeaders } from '../fake-obs/request/object-headers.js';
export type { BucketRecord, ObjectRecord, ObsState, PartRecord, UploadRecord } from '../fake-obs/state/state.js';
export type { Refusal, RefusalCode } from '../fake-obs/response/refusal.js';

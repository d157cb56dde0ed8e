export { createFakeObs } from './create-fake-obs.js';
export { on } from '../fake-obs/faults/on.js';
export { fakeSource, bytesOf } from './fake-source.js';
export { memorySpool } from './memory-spool.js';
export { fakeStream } from './fake-stream.js';
export { fakeCheckpointStore } from './fake-checkpoint-store.js';
export { fakeLock } from './fake-lock.js';
export { fakeHasher } from './fake-hasher.js';
export { createTestTransport } from './create-test-transport.js';
export { answers } from './answers.js';
export { events } from './events.js';
export { checkpointOf } from './checkpoint-of.js';
export { snapshotOf } from './snapshot-of.js';
export { resultOf } from './result-of.js';
export { errorInfoOf } from './error-info-of.js';

export type { FakeObs, FakeObsOptions, FakeObject } from './fake-obs.js';
export type { FakeSource, FakeSourceOptions, ReadFailure } from './fake-source.js';
export type { FakeStream, FakeStreamOptions } from './fake-stream.js';
export type { TestTransport, TestTransportOptions, TestRequestMatch, TestRequestFields } from './test-transport.js';
export type { TestRequest, TestRequestState, TestAnswer } from './test-request.js';
export type { Answers } from './answers.js';
export type { EventBuilders } from './events.js';
export type { CheckpointFields } from './checkpoint-of.js';
export type {
  FakeCheckpointStore,
  FakeCheckpointStoreOptions,
  StoreFailure,
  StoreOperation,
} from './fake-checkpoint-store.js';
export type { FakeLock } from './fake-lock.js';
export type { FakeHasher, FakeHasherOptions } from './fake-hasher.js';
export type { FakeLine } from './clogs.js';
export type { EtagKind } from './receive-body.js';
export type { Act, Fault, FaultMatch, FaultRule, Modifier, Outcome, StallPoint } from '../fake-obs/faults/fault.js';
export type { FaultBuilder, RespondOptions } from '../fake-obs/faults/on.js';
export type { Arrival } from '../fake-obs/arrivals.js';
export type { CallbackRequest, FakeCredentials, ObsServiceOptions } from '../fake-obs/config.js';
export type { CorsRule } from '../fake-obs/cors.js';
export type { ObsControl } from '../fake-obs/control.js';
export type { ObsOperation, ObsRequest, QueryParameter, RequestHead } from '../fake-obs/request.js';
export type { ObjectHeaders } from '../fake-obs/object-headers.js';
export type { BucketRecord, ObjectRecord, ObsState, PartRecord, UploadRecord } from '../fake-obs/state.js';
export type { Refusal, RefusalCode } from '../fake-obs/refusal.js';

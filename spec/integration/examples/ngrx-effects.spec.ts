import '@angular/compiler';
import { inject } from '@angular/core';
import { Actions, provideEffects } from '@ngrx/effects';
import { provideStore, Store, type Action } from '@ngrx/store';
import type { QueueRow, QueueState } from 'rx-obs-upload';
import { createFakeObs, fakeSource, on, type FakeObs, type FakeSource } from 'rx-obs-upload/testing';
import { provideUploads, UPLOAD_FILES } from '../../../examples/ngrx-effects/upload.effects.js';
import { uploadActions, uploadsFeature } from '../../../examples/ngrx-effects/upload.feature.js';
import { application, injected, provideConnectionTo } from '../angular/support.js';
import { expectObject } from '../../support/upload-world.js';
import { at, inVirtualTime, record } from '../../support/virtual-time.js';

const MIB = 1024 * 1024;
const PARTS = 4;
const task = { id: '1', bucket: 'media', key: 'film.mp4' };
const add = uploadActions.add({ tasks: [task] });
const command = (type: 'pause' | 'resume' | 'retry' | 'remove'): Action =>
  uploadActions.command({ command: { type, ids: [task.id] } });

/** An NgRx store that requires serializable actions and states, and a file of four parts. */
interface World {
  readonly fake: FakeObs;
  readonly file: FakeSource;
  readonly store: Store;
  readonly actions: readonly Action[];
  readonly states: readonly QueueState[];
  row(): QueueRow | undefined;
  parts(): readonly (number | null)[];
}

function createWorld(): World {
  const fake = createFakeObs({ bytesPerSecond: 90 * MIB, etags: 'fast' });
  const file = fakeSource({ name: 'film.mp4', size: PARTS * 9 * MIB });
  const runtimeChecks = { strictStateSerializability: true, strictActionSerializability: true };
  application(provideConnectionTo(fake), provideStore({}, { runtimeChecks }), provideEffects(), provideUploads());
  injected(() => inject(UPLOAD_FILES).set(task.id, file));
  const store = injected(() => inject(Store));
  const states = record(store.select(uploadsFeature.selectUploadsState)).values;
  return {
    fake,
    file,
    store,
    actions: record(injected(() => inject(Actions))).values,
    states,
    row: () => states.at(-1)?.rows[0],
    parts: () => fake.arrivals('uploadPart').flatMap(({ status, partNumber }) => (status === 200 ? [partNumber] : [])),
  };
}

/** Runs a scenario in virtual time to the end and returns its world. */
function run(scenario: (world: World) => void): World {
  const worlds: World[] = [];
  inVirtualTime(() => {
    const created = createWorld();
    worlds.push(created);
    scenario(created);
  });
  return worlds[0] as World;
}

function expectCompleted(ended: World): void {
  expect(ended.row()).toMatchObject({ status: 'completed', snapshot: { fraction: 1, error: null } });
  expectObject(ended.fake, task.key, ended.file);
  for (const recorded of [ended.actions, ended.states]) expect(JSON.parse(JSON.stringify(recorded))).toEqual(recorded);
}

describe('The NgRx example', () => {
  it('uploads with actions and states of plain JSON', () => {
    const ended = run(({ store }) => store.dispatch(add));
    expectCompleted(ended);
    expect(ended.actions.length).toBeGreaterThan(3 * PARTS);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('pauses at once, and resumes from the checkpoint', () => {
    const ended = run((world) => {
      const { store, fake } = world;
      store.dispatch(add);
      at(250, () => {
        store.dispatch(command('pause'));
        expect(world.row()?.status).toBe('paused');
        expect(fake.inFlight()).toBe(0);
      });
      at(1000, () => {
        expect(world.row()?.snapshot.checkpoint?.parts).toHaveLength(2);
        store.dispatch(command('resume'));
      });
    });
    expectCompleted(ended);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('retries after a failure', () => {
    const ended = run((world) => {
      world.fake.addFaults(on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'));
      world.store.dispatch(add);
      at(1000, () => {
        expect(world.row()).toMatchObject({ status: 'failed', snapshot: { error: { code: 'service' } } });
        world.store.dispatch(command('retry'));
      });
    });
    expectCompleted(ended);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('has a failed row if the file is missing, and drops a file once it is uploaded', () => {
    const ended = run((world) => {
      const { store, file } = world;
      const files = injected(() => inject(UPLOAD_FILES));
      files.clear();
      store.dispatch(add);
      expect(world.row()).toMatchObject({ status: 'failed', size: null });
      files.set(task.id, file);
      store.dispatch(command('remove'));
      store.dispatch(add);
    });
    expectCompleted(ended);
    expect(injected(() => inject(UPLOAD_FILES)).size).toBe(0);
  });

  it('cannot dispatch a file in an action, because the serializability checks are enabled', () => {
    const dispatchFile = ({ store, file }: World): void => {
      const invalid = { tasks: [task], sourceFile: file };
      store.dispatch(uploadActions.add(invalid));
    };
    expect(() => run(dispatchFile)).toThrow(/unserializable action/);
  });
});

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

/** A store whose actions and state must survive JSON, and an upload of four parts. */
interface World {
  readonly fake: FakeObs;
  readonly file: FakeSource;
  readonly store: Store;
  readonly actions: readonly Action[];
  readonly states: readonly QueueState[];
  row(): QueueRow | undefined;
  parts(): readonly (number | null)[];
}

function world(): World {
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

/** In virtual time, to the end; returns the world as it is then. */
function run(story: (world: World) => void): World {
  const worlds: World[] = [];
  inVirtualTime(() => {
    const begun = world();
    worlds.push(begun);
    story(begun);
  });
  return worlds[0] as World;
}

function expectCompleted(ended: World): void {
  expect(ended.row()).toMatchObject({ status: 'completed', snapshot: { fraction: 1, error: null } });
  expectObject(ended.fake, task.key, ended.file);
  for (const seen of [ended.actions, ended.states]) expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
}

describe('The NgRx example', () => {
  it('uploads; every action and every state is plain JSON', () => {
    const ended = run(({ store }) => store.dispatch(add));
    expectCompleted(ended);
    expect(ended.actions.length).toBeGreaterThan(3 * PARTS);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('pauses at once, and resumes from the checkpoint', () => {
    const ended = run((here) => {
      const { store, fake } = here;
      store.dispatch(add);
      at(250, () => {
        store.dispatch(command('pause'));
        expect(here.row()?.status).toBe('paused');
        expect(fake.inFlight()).toBe(0);
      });
      at(1000, () => {
        expect(here.row()?.snapshot.checkpoint?.parts).toHaveLength(2);
        store.dispatch(command('resume'));
      });
    });
    expectCompleted(ended);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('retries after a failure', () => {
    const ended = run((here) => {
      here.fake.addFaults(on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'));
      here.store.dispatch(add);
      at(1000, () => {
        expect(here.row()).toMatchObject({ status: 'failed', snapshot: { error: { code: 'service' } } });
        here.store.dispatch(command('retry'));
      });
    });
    expectCompleted(ended);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('has a failed row without the file, and drops a file that is uploaded', () => {
    const ended = run((here) => {
      const { store, file } = here;
      const files = injected(() => inject(UPLOAD_FILES));
      files.clear();
      store.dispatch(add);
      expect(here.row()).toMatchObject({ status: 'failed', size: null });
      files.set(task.id, file);
      store.dispatch(command('remove'));
      store.dispatch(add);
    });
    expectCompleted(ended);
    expect(injected(() => inject(UPLOAD_FILES)).size).toBe(0);
  });

  it('would be refused a file in an action: the checks are on', () => {
    const dispatchFile = ({ store, file }: World): void => {
      const wrong = { tasks: [task], sourceFile: file };
      store.dispatch(uploadActions.add(wrong));
    };
    expect(() => run(dispatchFile)).toThrow(/unserializable action/);
  });
});

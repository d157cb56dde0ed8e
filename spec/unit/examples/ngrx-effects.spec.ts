import '@angular/compiler';
import { inject } from '@angular/core';
import { Actions, provideEffects } from '@ngrx/effects';
import { provideStore, Store, type Action } from '@ngrx/store';
import { createFakeObs, fakeSource, on, type FakeObs, type FakeSource } from 'rx-obs-upload/testing';
import { KEPT_FILES } from '../../../examples/ngrx-effects/kept-files.js';
import { provideUploads } from '../../../examples/ngrx-effects/provide-uploads.js';
import { uploadActions } from '../../../examples/ngrx-effects/upload.actions.js';
import { uploadsFeature, type UploadEntry } from '../../../examples/ngrx-effects/upload.feature.js';
import { application, injected, provideConnectionTo } from '../angular/support.js';
import { expectObject } from '../../support/upload-world.js';
import { at, inVirtualTime, record } from '../../support/virtual-time.js';

const MIB = 1024 * 1024;
const PARTS = 4;
const task = { id: '1', bucket: 'media', key: 'film.mp4' };

/** A store that lets nothing into its actions and its state but what survives JSON, and an upload of four parts. */
interface World {
  readonly fake: FakeObs;
  readonly file: FakeSource;
  readonly store: Store;
  readonly actions: readonly Action[];
  readonly states: readonly unknown[];
  entry(): UploadEntry | undefined;
  parts(): readonly (number | null)[];
}

function world(): World {
  const fake = createFakeObs({ bytesPerSecond: 90 * MIB, etags: 'fast' });
  const file = fakeSource({ name: 'film.mp4', size: PARTS * 9 * MIB });
  const runtimeChecks = { strictStateSerializability: true, strictActionSerializability: true };
  application(provideConnectionTo(fake), provideStore({}, { runtimeChecks }), provideEffects(), provideUploads());
  injected(() => inject(KEPT_FILES).set(task.id, file));
  const store = injected(() => inject(Store));
  const uploads$ = store.select(uploadsFeature.selectUploadsState);
  const states = record(uploads$).values;
  return {
    fake,
    file,
    store,
    actions: record(injected(() => inject(Actions))).values,
    states,
    entry: () => states.at(-1)?.[task.id],
    parts: () => fake.arrivals('uploadPart').flatMap(({ status, partNumber }) => (status === 200 ? [partNumber] : [])),
  };
}

const status = ({ entry }: World): string | undefined => entry()?.upload.status;

/** In virtual time, to the end; gives the world as it then is. */
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
  expect(ended.entry()).toMatchObject({ upload: { status: 'completed', fraction: 1, error: null } });
  expectObject(ended.fake, task.key, ended.file);
  for (const told of [ended.actions, ended.states]) expect(JSON.parse(JSON.stringify(told))).toEqual(told);
}

describe('The NgRx example', () => {
  it('uploads; every action and every state is plain JSON', () => {
    const ended = run(({ store }) => store.dispatch(uploadActions.start(task)));
    expectCompleted(ended);
    expect(ended.actions.length).toBeGreaterThan(3 * PARTS);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('pauses at once, and goes on from the checkpoint in its state', () => {
    const ended = run((here) => {
      const { store, fake } = here;
      store.dispatch(uploadActions.start(task));
      at(250, () => {
        store.dispatch(uploadActions.pause(task));
        expect(status(here)).toBe('paused');
        expect(fake.inFlight()).toBe(0);
      });
      at(1000, () => {
        expect(here.entry()?.upload.checkpoint?.parts).toHaveLength(2);
        store.dispatch(uploadActions.resume(task));
      });
    });
    expectCompleted(ended);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('goes on after a failure', () => {
    const ended = run((here) => {
      here.fake.addFaults(on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'));
      here.store.dispatch(uploadActions.start(task));
      at(1000, () => {
        expect(here.entry()?.upload).toMatchObject({ status: 'failed', error: { code: 'service' } });
        here.store.dispatch(uploadActions.resume(task));
      });
    });
    expectCompleted(ended);
    expect(ended.parts()).toEqual([1, 2, 3, 4]);
  });

  it('asks for the file again where it is not kept, and lets it go when it is uploaded', () => {
    const ended = run((here) => {
      const { store, file } = here;
      const files = injected(() => inject(KEPT_FILES));
      files.clear();
      store.dispatch(uploadActions.start(task));
      expect(here.entry()).toMatchObject({ isFileMissing: true, upload: { status: 'idle' } });
      files.set(task.id, file);
      store.dispatch(uploadActions.resume(task));
      expect(here.entry()).toMatchObject({ isFileMissing: false });
    });
    expectCompleted(ended);
    expect(injected(() => inject(KEPT_FILES)).size).toBe(0);
  });

  it('would be told of a file in an action: the checks are on', () => {
    const dispatchFile = ({ store, file }: World): void => {
      const wrong = { ...task, sourceFile: file };
      store.dispatch(uploadActions.start(wrong));
    };
    expect(() => run(dispatchFile)).toThrow(/unserializable action/);
  });
});

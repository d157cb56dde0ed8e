import type { Effect, StateStore } from '../../fake-obs/state/state.js';
import { joinPieces, piecesOf, type Pieces } from './pieces.js';

/** The bytes of parts and objects in memory, by reference. */
export interface BytesStore {
  get(bytesId: string): Pieces;
  /** Stores the bytes of an effect, drops those no longer referenced, and applies the effect to the state. */
  carryOut(effect: Effect, bytes: Pieces | null): void;
}

export function createBytesStore(store: StateStore): BytesStore {
  const stored = new Map<string, Pieces>();
  const get = (bytesId: string): Pieces => stored.get(bytesId) ?? piecesOf();
  const dropParts = (uploadId: string): void => {
    for (const part of store.state.uploads.get(uploadId)?.parts.values() ?? []) stored.delete(part.bytesId);
  };
  const dropObject = (bucket: string, key: string): void => {
    const object = store.state.buckets.get(bucket)?.objects.get(key);
    if (object !== undefined) stored.delete(object.bytesId);
  };

  const move = (effect: Effect, bytes: Pieces): void => {
    switch (effect.type) {
      case 'store-part': {
        const replaced = store.state.uploads.get(effect.uploadId)?.parts.get(effect.part.partNumber);
        if (replaced !== undefined) stored.delete(replaced.bytesId);
        stored.set(effect.part.bytesId, bytes);
        return;
      }
      case 'complete-upload': {
        const joined = joinPieces(effect.parts.map((part) => get(part.bytesId)));
        dropParts(effect.upload.uploadId);
        dropObject(effect.object.bucket, effect.object.key);
        stored.set(effect.object.bytesId, joined);
        return;
      }
      case 'put-object':
        dropObject(effect.object.bucket, effect.object.key);
        stored.set(effect.object.bytesId, bytes);
        return;
      case 'delete-object':
        dropObject(effect.object.bucket, effect.object.key);
        return;
      case 'abort-upload':
        dropParts(effect.upload.uploadId);
        return;
      case 'delete-part':
        stored.delete(effect.part.bytesId);
        return;
      case 'create-bucket':
      case 'delete-bucket':
      case 'create-upload':
        return;
    }
  };

  return {
    get,
    carryOut(effect, bytes) {
      move(effect, bytes ?? piecesOf());
      store.apply(effect);
    },
  };
}

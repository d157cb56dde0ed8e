import type { Effect, StateStore } from '../fake-obs/state.js';
import { joinPieces, piecesOf, type Pieces } from './pieces.js';

/** The bytes of parts and objects in memory, by reference. */
export interface BytesStore {
  get(bytesId: string): Pieces;
  /** Keeps the bytes that come with an effect, drops those that it leaves unnamed, and applies it to the state. */
  carryOut(effect: Effect, bytes: Pieces | null): void;
}

export function createBytesStore(store: StateStore): BytesStore {
  const kept = new Map<string, Pieces>();
  const get = (bytesId: string): Pieces => kept.get(bytesId) ?? piecesOf();
  const dropParts = (uploadId: string): void => {
    for (const part of store.state.uploads.get(uploadId)?.parts.values() ?? []) kept.delete(part.bytesId);
  };
  const dropObject = (bucket: string, key: string): void => {
    const object = store.state.buckets.get(bucket)?.objects.get(key);
    if (object !== undefined) kept.delete(object.bytesId);
  };

  const move = (effect: Effect, bytes: Pieces): void => {
    switch (effect.type) {
      case 'store-part': {
        const replaced = store.state.uploads.get(effect.uploadId)?.parts.get(effect.part.partNumber);
        if (replaced !== undefined) kept.delete(replaced.bytesId);
        kept.set(effect.part.bytesId, bytes);
        return;
      }
      case 'complete-upload': {
        const joined = joinPieces(effect.parts.map((part) => get(part.bytesId)));
        dropParts(effect.upload.uploadId);
        dropObject(effect.object.bucket, effect.object.key);
        kept.set(effect.object.bytesId, joined);
        return;
      }
      case 'put-object':
        dropObject(effect.object.bucket, effect.object.key);
        kept.set(effect.object.bytesId, bytes);
        return;
      case 'delete-object':
        dropObject(effect.object.bucket, effect.object.key);
        return;
      case 'abort-upload':
        dropParts(effect.upload.uploadId);
        return;
      case 'delete-part':
        kept.delete(effect.part.bytesId);
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

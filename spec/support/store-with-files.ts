import { of } from 'rxjs';
import { memoryCheckpointStore, type CheckpointStore, type FileHandle } from 'rx-obs-upload';

/** A checkpoint store in memory that also stores file handles, as `indexedDbCheckpointStore` does. */
export function storeWithFiles(): CheckpointStore & { readonly handles: Map<string, FileHandle> } {
  const handles = new Map<string, FileHandle>();
  return {
    ...memoryCheckpointStore(),
    handles,
    files: {
      keep: (fileKey, handle) => of(handles.set(fileKey, handle)),
      find: (fileKey) => [...handles].flatMap(([key, handle]) => (key === fileKey ? handle : [])),
      list: () => of([...handles.keys()]),
    },
  };
}

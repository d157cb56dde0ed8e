import { memo, StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { indexedDbCheckpointStore, type QueueRow, type UploadQueue } from 'rx-obs-upload';
import { formatPercent } from '../../format.js';
import { obs } from '../connection.js';
import { useUploads } from './use-uploads.js';

const OPTIONS = { checkpointStore: indexedDbCheckpointStore(), defaults: { bucket: 'uploads' } };

function UploadList(): ReactNode {
  const { state, queue } = useUploads(obs, OPTIONS);
  const add = (input: HTMLInputElement): void => {
    queue().add(Array.from(input.files ?? [], (file) => ({ key: file.name, sourceFile: file })));
    input.value = ''; // the same file may be chosen again
  };
  return (
    <>
      <label>
        Files <input type="file" multiple data-testid="file-input" onChange={(event) => add(event.target)} />
      </label>
      {state.pending.map(({ id, checkpoint: { file } }) => (
        <p key={id} data-testid="pending">
          Choose {file.name} again to resume it.
        </p>
      ))}
      <ul>
        {state.rows.map((row) => (
          <UploadRow key={row.id} row={row} queue={queue} />
        ))}
      </ul>
    </>
  );
}

/** Rendered again only if its row has changed: until then it is the same object. */
const UploadRow = memo(function UploadRow({ row, queue }: { row: QueueRow; queue: () => UploadQueue }): ReactNode {
  const { id, name, status, snapshot, can } = row;
  return (
    <li data-testid="file" data-status={status}>
      <strong>{name}</strong>
      <progress value={snapshot.fraction ?? undefined} aria-label={name} />
      <span>{snapshot.error?.message ?? `${status}, ${formatPercent(snapshot.fraction)}`}</span>
      {can.pause && <button onClick={() => queue().pause(id)}>Pause</button>}
      {can.resume && <button onClick={() => queue().resume(id)}>Resume</button>}
      {can.retry && <button onClick={() => queue().retry(id)}>Retry</button>}
      <button onClick={() => queue().remove(id)}>Remove</button>
    </li>
  );
});

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no #app.');
createRoot(root).render(
  <StrictMode>
    <UploadList />
  </StrictMode>,
);

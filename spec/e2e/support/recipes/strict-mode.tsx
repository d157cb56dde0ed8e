import { StrictMode, useEffect, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { useUploads } from '../../../../examples/frameworks/react/use-uploads.js';
import { obs } from '../../../../examples/frameworks/connection.js';

let effects = 0;

/** Uploads a file as soon as it is mounted. */
function UploadAtOnce(): ReactNode {
  const { state, queue } = useUploads(obs, { defaults: { bucket: 'uploads', partSize: 1024 * 1024 } });
  useEffect(() => {
    effects += 1;
    const file = new File([new Uint8Array(3 * 1024 * 1024)], 'strict.bin', { lastModified: 0 });
    queue().add({ key: file.name, sourceFile: file });
  }, [queue]);
  return (
    <p data-testid="file" data-status={state.rows[0]?.status}>
      {JSON.stringify({ effects, rows: state.rows.length })}
    </p>
  );
}

function Page(): ReactNode {
  const [isShown, setShown] = useState(true);
  return (
    <>
      <button onClick={() => setShown(!isShown)}>Toggle</button>
      {isShown && <UploadAtOnce />}
    </>
  );
}

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no #app.');
createRoot(root).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);

import { pageElements } from '../browser-page/page-elements.js';

/** Everything that is reported goes to the page and to the console. */
export interface PageLog {
  /** Calls back for each file that is chosen. */
  onFile(upload: (file: File) => void): void;
  begin(name: string): void;
  /** @param kibPerSecond - KB/s as people say */
  progress(fraction: number, kibPerSecond: number): void;
  log(line: string): void;
  /** @param outcome - a result, or an error */
  end(outcome: unknown): void;
}

export function pageLog(root: ParentNode): PageLog {
  const page = pageElements(root);
  const input = page.get('file-input', HTMLInputElement);
  const upload = page.get('upload', HTMLElement);
  const bar = page.get('bar', HTMLProgressElement);
  const lines = page.get('log', HTMLElement);
  const result = page.get('result', HTMLElement);

  const log = (line: string): void => {
    console.log(line);
    const item = document.createElement('li');
    item.textContent = line;
    lines.append(item);
  };

  return {
    log,
    onFile(start) {
      input.onchange = () => {
        const [file] = input.files ?? [];
        if (file !== undefined) start(file);
      };
      input.disabled = false;
    },
    begin(name) {
      input.disabled = true;
      upload.hidden = false;
      upload.dataset.status = 'uploading';
      bar.value = 0;
      lines.replaceChildren();
      result.textContent = '';
      log(`Uploading ${name}`);
    },
    progress(fraction, kibPerSecond) {
      const percent = `${Math.floor(fraction * 100)} %`;
      const speed = `${Math.round(kibPerSecond)} KB/s`;
      console.log(`${speed}, ${percent}`);
      bar.value = fraction;
      page.text('percent', percent);
      page.text('speed', speed);
    },
    end(outcome) {
      input.disabled = false;
      upload.hidden = false;
      upload.dataset.status = isSuccess(outcome) ? 'completed' : 'failed';
      console.log(outcome);
      result.textContent = outcome instanceof Error ? outcome.message : JSON.stringify(outcome, null, 2);
    },
  };
}

/** A refusal is a result too. */
function isSuccess(outcome: unknown): boolean {
  if (typeof outcome !== 'object' || outcome === null || !('CommonMsg' in outcome)) return false;
  const { Status } = outcome.CommonMsg as { readonly Status: number };
  return Status < 300;
}

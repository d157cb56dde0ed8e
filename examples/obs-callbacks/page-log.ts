/** Everything that is reported goes to the page and to the console. */
export interface PageLog {
  /** Calls back for each file that is chosen. */
  onFile(upload: (file: File) => void): void;
  begin(name: string): void;
  /** @param kibPerSecond - KB/s as people say */
  progress(fraction: number, kibPerSecond: number): void;
  say(line: string): void;
  /** The last word: a result, or an error. */
  end(outcome: unknown): void;
}

export function pageLog(root: ParentNode): PageLog {
  const get = <E extends HTMLElement>(id: string, kind: new () => E): E => {
    const element = root.querySelector(`[data-testid=${id}]`);
    if (!(element instanceof kind)) throw new Error(`The page lacks its ${id}`);
    return element;
  };
  const input = get('file-input', HTMLInputElement);
  const upload = get('upload', HTMLElement);
  const bar = get('bar', HTMLProgressElement);
  const log = get('log', HTMLElement);
  const result = get('result', HTMLElement);

  const say = (line: string): void => {
    console.log(line);
    const item = document.createElement('li');
    item.textContent = line;
    log.append(item);
  };

  return {
    say,
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
      log.replaceChildren();
      result.textContent = '';
      say(`Uploading ${name}`);
    },
    progress(fraction, kibPerSecond) {
      const percent = `${Math.floor(fraction * 100)} %`;
      const speed = `${Math.round(kibPerSecond)} KB/s`;
      console.log(`${speed}, ${percent}`);
      bar.value = fraction;
      get('percent', HTMLElement).textContent = percent;
      get('speed', HTMLElement).textContent = speed;
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

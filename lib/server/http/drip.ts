import type { Answer } from '../../fake-obs/response/answer.js';
import { BLANK_INTERVAL_MS } from '../../fake-obs/faults/course.js';
import { splitProlog } from '../../fake-obs/response/xml.js';
import type { Connection } from './connection.js';

/** Spaces that keep a connection alive while a response is made. */
export interface Drip {
  stop(): void;
}

/** After a while begins the response with the XML declaration and a space every second, as S3 does while it assembles. */
export function drip({ response }: Connection, answer: Answer, afterMs: number): Drip {
  const beat = (): void => {
    if (!response.headersSent) {
      for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
      response.writeHead(answer.status);
      response.write(splitProlog(answer.text)[0]);
    }
    response.write(' ');
    timer = setTimeout(beat, BLANK_INTERVAL_MS);
  };
  let timer = setTimeout(beat, afterMs);
  if (afterMs === 0) {
    clearTimeout(timer);
    beat();
  }
  return { stop: () => clearTimeout(timer) };
}

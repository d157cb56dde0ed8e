import { Observable } from 'rxjs';

export type Origin = 'camera' | 'screen';

/** What the camera or the screen shows, as long as this is subscribed to. Asks for permission. */
export function media$(origin: Origin, withSound: boolean): Observable<MediaStream> {
  return new Observable((subscriber) => {
    const opened: MediaStream[] = [];
    const stop = (): void => opened.forEach((stream) => stream.getTracks().forEach((track) => track.stop()));
    const open = async (asked: Promise<MediaStream>): Promise<MediaStream> => {
      const stream = await asked;
      opened.push(stream);
      // The person may have permitted it after the page had lost interest.
      if (subscriber.closed) stop();
      return stream;
    };
    streamOf(origin, withSound, open).then(
      (stream) => subscriber.next(stream),
      (error: unknown) => subscriber.error(error),
    );
    return stop;
  });
}

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 } } as const;

async function streamOf(
  origin: Origin,
  withSound: boolean,
  open: (asked: Promise<MediaStream>) => Promise<MediaStream>,
): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  if (origin === 'camera') return open(mediaDevices.getUserMedia({ video: VIDEO, audio: withSound }));
  const screen = await open(mediaDevices.getDisplayMedia({ video: VIDEO }));
  if (!withSound) return screen;
  const microphone = await open(mediaDevices.getUserMedia({ audio: true }));
  return new MediaStream([...screen.getVideoTracks(), ...microphone.getAudioTracks()]);
}

/** Why there is no picture, for people. */
export function mediaProblem(error: unknown, origin: Origin): string {
  const name = error instanceof DOMException ? error.name : '';
  const what = origin === 'camera' ? 'camera or microphone' : 'screen or microphone';
  if (name === 'NotAllowedError')
    return `This page may not use the ${what}. Permit it in the browser’s address bar, then record again.`;
  if (name === 'NotFoundError') return `There is no ${what} here. Connect one, or record without sound.`;
  if (name === 'NotReadableError') return `Another program is using the ${what}. Close it, then record again.`;
  const { mediaDevices } = navigator as { readonly mediaDevices?: Partial<MediaDevices> };
  return origin === 'screen' && mediaDevices?.getDisplayMedia === undefined
    ? 'This browser cannot record its screen. Record the camera instead.'
    : `The ${what} cannot be used${name === '' ? '' : ` (${name})`}.`;
}

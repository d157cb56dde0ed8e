import ObsClient from 'esdk-obs-browserjs/dist/@cloud/esdk-obs-browserjs-without-polyfill.3.25.6.min.js';
import type { Work } from '../work.js';
import { register, runId } from './register.js';
import { atMost } from './at-most.js';

register(async (files, work, endpoint) => {
  const client = new ObsClient({
    access_key_id: 'bench',
    secret_access_key: 'bench-secret',
    server: endpoint,
    path_style: true,
    signature: 'obs',
    ...(work.stallTimeoutMs === null ? {} : { timeout: work.stallTimeoutMs / 1000 }),
  });
  await atMost(files, work.filesAtOnce, (file, i) => uploadFile(client, file, `${runId}-${i}`, work));
});

async function uploadFile(client: ObsClient, file: File, key: string, work: Work): Promise<void> {
  const { CommonMsg } = await client.uploadFile({
    Bucket: 'bench',
    Key: key,
    SourceFile: file,
    PartSize: work.partSize,
    VerifyMd5: work.checksum === 'md5',
    // By default the SDK fails at the first fault.
    PartRetryNum: 5,
    ...(typeof work.taskNum === 'number' ? { TaskNum: work.taskNum } : {}),
    ProgressCallback: () => undefined,
  });
  if (CommonMsg.Status >= 300) throw new Error(`${CommonMsg.Status} ${CommonMsg.Code}`);
}

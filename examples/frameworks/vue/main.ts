import { indexedDbCheckpointStore } from 'rx-obs-upload';
import { createApp, defineComponent } from 'vue';
import { formatPercent } from '../../format.js';
import { obs } from '../connection.js';
import { useUploads } from './use-uploads.js';

const UploadList = defineComponent({
  setup() {
    const { state, queue } = useUploads(obs, {
      checkpointStore: indexedDbCheckpointStore(),
      defaults: { bucket: 'uploads' },
    });
    const add = ({ target }: Event): void => {
      const input = target as HTMLInputElement;
      queue.add(Array.from(input.files ?? [], (file) => ({ key: file.name, sourceFile: file })));
      input.value = ''; // the same file may be chosen again
    };
    return { state, queue, add, formatPercent };
  },
  template: `
    <label>Files <input type="file" multiple data-testid="file-input" @change="add" /></label>
    <p v-for="{ id, checkpoint } in state.pending" :key="id" data-testid="pending">
      Choose {{ checkpoint.file.name }} again to resume it.
    </p>
    <ul>
      <li v-for="row in state.rows" :key="row.id" v-memo="[row]" data-testid="file" :data-status="row.status">
        <strong>{{ row.name }}</strong>
        <progress :value="row.snapshot.fraction ?? undefined" :aria-label="row.name" />
        <span>{{ row.snapshot.error?.message ?? row.status + ', ' + formatPercent(row.snapshot.fraction) }}</span>
        <button v-if="row.can.pause" @click="queue.pause(row.id)">Pause</button>
        <button v-if="row.can.resume" @click="queue.resume(row.id)">Resume</button>
        <button v-if="row.can.retry" @click="queue.retry(row.id)">Retry</button>
        <button @click="queue.remove(row.id)">Remove</button>
      </li>
    </ul>
  `,
});

createApp(UploadList).mount('#app');

import { mount } from 'svelte';
import UploadList from './UploadList.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no #app.');
mount(UploadList, { target });

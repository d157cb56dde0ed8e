#!/usr/bin/env node
import { once } from 'node:events';
import { argv, stderr, stdout } from 'node:process';
import { serve } from './serve.js';

void serve(argv.slice(2), {
  print: (text) => void stdout.write(text),
  printError: (text) => void stderr.write(text),
  interrupted: () => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]),
}).then((code) => (process.exitCode = code));

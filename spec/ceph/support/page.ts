import { scenarios, type Scenarios } from '../scenarios/index.js';
import type { World } from './world.js';

declare global {
  interface Window {
    runScenario(name: keyof Scenarios, world: World): Promise<unknown>;
  }
}

window.runScenario = (name, world) => scenarios[name](world);

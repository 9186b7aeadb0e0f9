import { SURROUNDINGS } from '../scenarios/surroundings.ts';
import { inWorlds } from './worlds.testkit.ts';

inWorlds('what surrounds them', SURROUNDINGS);

import { STORMS } from '../scenarios/storms.ts';
import { inWorlds } from './worlds.testkit.ts';

inWorlds('storms', STORMS);

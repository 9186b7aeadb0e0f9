import { FAILURES } from '../scenarios/failures.ts';
import { inWorlds } from './worlds.testkit.ts';

inWorlds('the failure table', FAILURES);

/**
 * Entry of the headless host. Looks at the runtime before anything that needs it is loaded, so that an old Node gets a
 * sentence instead of a failure of a native library.
 */
import { requireRuntime } from '../requireRuntime.ts';

if (requireRuntime()) {
  const { liveHeadless } = await import('./life.ts');
  process.exitCode = await liveHeadless(process.argv.slice(2));
}

/**
 * Entry of the command line. Looks at the runtime before anything that needs it is loaded; each command is loaded only
 * when it is called for.
 */
import { requireRuntime } from '../hosts/requireRuntime.ts';

if (requireRuntime()) {
  const { runCommand } = await import('./commands.ts');
  process.exitCode = await runCommand(process.argv.slice(2));
}

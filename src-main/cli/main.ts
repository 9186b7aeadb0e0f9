/**
 * Entry of the command line. Looks at the runtime before anything that needs it is loaded; each command is loaded only
 * when it is called for.
 */
import { requireRuntime } from '../hosts/requireRuntime.ts';

if (requireRuntime()) {
  // A reader that has seen enough (`| head`) closes the pipe; that ends the command and is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  const { runCommand } = await import('./commands.ts');
  process.exitCode = await runCommand(process.argv.slice(2));
}

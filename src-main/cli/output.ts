/** Where a command writes, and the words with which it fails. */
import { LedgerFault } from '../runtime/ports.ts';
import { SecretsFault } from '../adapters/secrets/secrets.ts';
import { ConfigFault } from '../hosts/configFile.ts';
import { UsageFault } from '../hosts/headless/args.ts';
import { EngineRefusal } from './engineLink.ts';

export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export const EXIT = { ok: 0, fault: 1, usage: 2 } as const;

/** Runs a command's work; expected failures become one message and an exit code. */
export const guarded = async (output: Output, usage: string, work: () => Promise<number>): Promise<number> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageFault) {
      output.err(`${error.message}\n\n${usage}`);
      return EXIT.usage;
    }
    const { name, message, stack } = error as Error;
    const told = [LedgerFault, SecretsFault, EngineRefusal, ConfigFault].some((kind) => error instanceof kind);
    const expected = told || (error as NodeJS.ErrnoException).code !== undefined;
    const fix = error instanceof SecretsFault && error.fix !== null ? `\n→ ${error.fix}` : '';
    output.err(`${expected ? message : (stack ?? `${name}: ${message}`)}${fix}\n`);
    return EXIT.fault;
  }
};

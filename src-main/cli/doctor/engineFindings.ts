/** The engine as it answers now: whether it runs, is the version of this command, may act, and can write its ledger. Pure. */
import type { EngineStatus } from '../../hosts/status.ts';
import { findingsOf, type Finding } from './finding.ts';

const { pass, fail } = findingsOf(null);

/** What asking the engine came to. */
export type Asked =
  | { readonly code: 'answered'; readonly status: EngineStatus; readonly url: string; readonly pid: number }
  | { readonly code: 'not-running'; readonly why: string }
  | { readonly code: 'not-answering'; readonly why: string }
  | { readonly code: 'refused'; readonly why: string };

const STANDING = 'Engine';

const stopFinding = ({ kill, pause, tradingState }: EngineStatus): Finding => {
  if (kill !== null)
    return fail(
      'stops',
      'Stops',
      `${kill.level.toUpperCase()} latched by ${kill.by}${kill.reason === '' ? '' : `: ${kill.reason}`}`,
      'Reset the stop in the console when its cause is gone.',
    );
  if (pause !== null) return fail('stops', 'Stops', `paused by ${pause.by}`, 'Press Resume in the console.');
  if (tradingState !== 'active')
    return fail('stops', 'Stops', `trading is ${tradingState ?? 'not known'}`, 'Look at the banner of the console: it names the rule.');
  return pass('stops', 'Stops', 'none');
};

/** What the engine should be. */
export interface Wanted {
  readonly version: string;
  /** The configuration's; null = any. */
  readonly mode: string | null;
  /** Of the configuration; null = any. */
  readonly fingerprint?: string | null;
  /** The command that starts it, for the fix. */
  readonly start: string;
}

export const engineFindings = (asked: Asked, { version, mode, fingerprint = null, start }: Wanted): readonly Finding[] => {
  if (asked.code === 'not-running') return [fail('engine', STANDING, asked.why, `Start it: ${start}.`)];
  if (asked.code === 'not-answering')
    return [fail('engine', STANDING, asked.why, 'Look at the engine’s output; end and start it if it stays silent.')];
  if (asked.code === 'refused')
    return [fail('engine', STANDING, asked.why, 'Start the engine once more: its secrets and this directory’s differ.')];
  const { status, url, pid } = asked;
  const runs = pass(
    'engine',
    STANDING,
    `${url}, process ${pid}, mode ${status.mode ?? 'not known'}, ${status.armed ? 'armed' : 'disarmed'}`,
  );
  const moded =
    mode === null || status.mode === mode
      ? []
      : [
          fail(
            'engine-mode',
            'Engine mode',
            `it runs in mode ${status.mode ?? 'not known'}, the configuration says ${mode}`,
            'Restart the engine with this configuration.',
          ),
        ];
  const configured =
    fingerprint === null || status.fingerprint === fingerprint || status.mode !== mode
      ? []
      : [
          fail(
            'engine-config',
            'Engine configuration',
            'it runs another configuration than this one, or this one as it was before it was changed',
            'Restart the engine with this configuration.',
          ),
        ];
  const same =
    status.version === version
      ? pass('engine-version', 'Engine version', version)
      : fail(
          'engine-version',
          'Engine version',
          `the engine is ${status.version ?? 'not known'}, this command ${version}`,
          'Restart the engine: it runs an older installation.',
        );
  const ledger =
    status.ledgerFault === null
      ? []
      : [fail('ledger-fault', 'Ledger writes', status.ledgerFault, 'Do what the message says, then restart the engine.')];
  return [runs, ...moded, ...configured, same, ...ledger, stopFinding(status)];
};

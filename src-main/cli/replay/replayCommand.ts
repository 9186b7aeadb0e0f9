/** `replay`: reads its arguments, runs two tapes through decoders and engine, prints a table or JSON. */
import { parseArgs } from 'node:util';
import { ordinaryTakerFeeBps, type ReplayRule } from './engineRun.ts';
import { replayTapes } from './replayTapes.ts';
import { reportText } from './report.ts';
import { TapeError } from './tapeFile.ts';

export const REPLAY_HELP = `replay --tape A --tape B [options]: recorded frames through the production decoders and engine, at full speed

  --tape FILE             a recorded tape: lines of "<receive ns> <raw frame>", gzip or plain; give two
  --json                  the whole outcome as one JSON document
  --taker-fee-bps X,Y     taker fee of A and of B, one way (default: 10 for spot, 5 for futures)
  --deviation-bps X       floor of the deviation from the rolling centre (default 2)
  --deviation-percentile P percentile the deviation must reach as well (default 90)
  --min-edge-bps X        least edge after all costs (default 0)
  --hysteresis-bps X      how far the spread must fall back to end an episode (default 0.5)
  --cooldown-ms N         pause after an episode (default 0)
  --abnormal-edge-bps X   edges above this are blocked and counted as alarms (default 100)
  --abnormal-p99-multiple X likewise, as a multiple of the deviation's p99 (default 3)
  --max-quote-age-ms N    older quotes are stale (default 1000)
  --window-min N          rolling window (default 60)
  --warm-up-s N           covered time before the first intent (default 60)
`;

const OPTIONS = {
  tape: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  'taker-fee-bps': { type: 'string' },
  'deviation-bps': { type: 'string' },
  'deviation-percentile': { type: 'string' },
  'min-edge-bps': { type: 'string' },
  'hysteresis-bps': { type: 'string' },
  'cooldown-ms': { type: 'string' },
  'abnormal-edge-bps': { type: 'string' },
  'abnormal-p99-multiple': { type: 'string' },
  'max-quote-age-ms': { type: 'string' },
  'window-min': { type: 'string' },
  'warm-up-s': { type: 'string' },
} as const;

class UsageError extends Error {}

/** @returns the exit code: 0, 1 for a tape that cannot be used, 2 for wrong arguments */
export const replayCommand = async (
  args: readonly string[],
  print: (text: string) => void,
  complain: (text: string) => void,
): Promise<number> => {
  try {
    const request = requestOf(args);
    if (request === 'help') print(REPLAY_HELP);
    else {
      const outcome = await replayTapes(request.tapes, request.ruleOf);
      print(request.json ? `${JSON.stringify(outcome, exactIds, 2)}\n` : reportText(outcome));
    }
    return 0;
  } catch (error) {
    if (error instanceof UsageError) complain(`replay: ${error.message}\n\n${REPLAY_HELP}`);
    else if (error instanceof TapeError) complain(`replay: ${error.message}\n`);
    else throw error;
    return error instanceof UsageError ? 2 : 1;
  }
};

const exactIds = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

interface Request {
  readonly tapes: readonly [string, string];
  readonly json: boolean;
  readonly ruleOf: Parameters<typeof replayTapes>[1];
}

const requestOf = (args: readonly string[]): Request | 'help' => {
  const values = parsed(args);
  if (values.help === true) return 'help';
  const tapes = values.tape ?? [];
  if (tapes.length !== 2) throw new UsageError(`--tape: two tapes make a pair, ${tapes.length} given`);
  const number = (name: Exclude<keyof typeof OPTIONS, 'tape' | 'json' | 'help'>, byDefault: number, min: number, max: number): number => {
    const text = values[name];
    return text === undefined ? byDefault : within(`--${name}`, text, min, max);
  };
  const fees = values['taker-fee-bps'] === undefined ? null : feesOf(values['taker-fee-bps']);
  const rule: Omit<ReplayRule, 'takerFeeBps'> = {
    deviationFloorBps: number('deviation-bps', 2, 0, 1_000),
    deviationPercentile: number('deviation-percentile', 90, 50, 99.9),
    minEdgeBps: number('min-edge-bps', 0, 0, 1_000),
    hysteresisBps: number('hysteresis-bps', 0.5, 0, 1_000),
    cooldownMs: number('cooldown-ms', 0, 0, 86_400_000),
    abnormalEdgeBps: number('abnormal-edge-bps', 100, 0.1, 10_000),
    abnormalP99Multiple: number('abnormal-p99-multiple', 3, 1, 100),
    maxQuoteAgeMs: number('max-quote-age-ms', 1_000, 1, 60_000),
    windowMs: number('window-min', 60, 1, 7 * 24 * 60) * 60_000,
    minCoveredMs: number('warm-up-s', 60, 0, 86_400) * 1_000,
  };
  if (rule.minCoveredMs > rule.windowMs) throw new UsageError('--warm-up-s is longer than --window-min');
  return {
    tapes: [tapes[0]!, tapes[1]!],
    json: values.json === true,
    ruleOf: (identities) => ({ ...rule, takerFeeBps: fees ?? [ordinaryTakerFeeBps(identities[0]), ordinaryTakerFeeBps(identities[1])] }),
  };
};

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

const within = (name: string, text: string, min: number, max: number): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max)) throw new UsageError(`${name}: "${text}" is not a number from ${min} to ${max}`);
  return value;
};

const feesOf = (text: string): readonly [number, number] => {
  const parts = text.split(',');
  if (parts.length !== 2) throw new UsageError(`--taker-fee-bps: "${text}" should be two figures, such as 10,5`);
  return [within('--taker-fee-bps', parts[0]!, -100, 1_000), within('--taker-fee-bps', parts[1]!, -100, 1_000)];
};

/** Commands to one EA: what was asked, how far it got, and how long each step took. Quarantined ones stand on top. */
import { memo } from 'react';
import type { CommandRow } from '../../../src-shared/domain/metatrader.ts';
import { priceText } from '../../format/exact.ts';
import { trueMinus, UNKNOWN } from '../../format/numbers.ts';
import { age, isoUtc, preciseClockText } from '../../format/times.ts';
import { copyFullPrecision } from '../../parts/copyFull.ts';
import { Num } from '../../parts/figures.tsx';
import { symbolOf } from '../../parts/names.ts';
import { useZone } from '../../parts/useZone.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { ackMs, COMMAND_LOOKS, dealMs, pickupMs } from './terminalText.ts';

const HEADS: ReadonlyArray<readonly [label: string, className: string, hint: string]> = [
  ['Time', '', 'When it was committed to the ledger'],
  ['Kind', '', ''],
  ['Instrument', '', ''],
  ['Side', '', ''],
  ['Lots', 'num', 'Asked for'],
  ['State', '', ''],
  ['Sent', 'num', 'Times it was delivered: the same command, executed at most once'],
  ['Retcode', 'num mid-only', 'The broker’s own code'],
  ['Filled', 'num', 'Lots, by deals'],
  ['Avg price', 'num', ''],
  ['Pickup', 'num mid-only', 'From its commit to its delivery'],
  ['Ack', 'num mid-only', 'From delivery to the EA’s first word'],
  ['Deal', 'num mid-only', 'From delivery to the first deal'],
  ['Why', '', ''],
];

const Span = ({ ms }: { readonly ms: number | null }) => (
  <td className="num tone-dim mid-only">
    <Num full={ms === null ? '' : String(ms)} text={age(ms)} />
  </td>
);

const CommandLine = memo(({ row }: { readonly row: CommandRow }) => {
  const zone = useZone();
  const pxDigits = useConsole((state) =>
    row.instrumentId === null ? null : (state.tables.instruments[row.instrumentId]?.pxDigits ?? null),
  );
  const [shape, tone] = COMMAND_LOOKS[row.state];
  const held = row.quarantine === null ? '' : 'is-held';
  return (
    <>
      <tr className={held} data-testid={`command-${row.commandId}`}>
        <th className="tone-dim" scope="row" title={`${row.commandId} · ${isoUtc(row.queuedUnixMs)}`}>
          {preciseClockText(row.queuedUnixMs, zone)}
        </th>
        <td>{row.kind}</td>
        <td title={row.instrumentId ?? undefined}>{row.instrumentId === null ? UNKNOWN : symbolOf(row.instrumentId)}</td>
        <td>{row.side ?? UNKNOWN}</td>
        <td className="num">{row.lots ?? UNKNOWN}</td>
        <td>
          <span aria-hidden="true" className={`command-shape ${tone}`}>
            {shape}
          </span>
          <span className={`state-word ${tone}`} data-testid="command-state">
            {row.state}
          </span>
        </td>
        <td className={`num ${row.deliveries > 1 ? 'tone-warn' : 'tone-dim'}`}>{row.deliveries}</td>
        <td className="num tone-dim mid-only">{row.retcode ?? UNKNOWN}</td>
        <td className="num">{row.cumLots}</td>
        <td className="num">
          <Num full={row.avgPx ?? ''} text={priceText(row.avgPx, pxDigits)} />
        </td>
        <Span ms={pickupMs(row)} />
        <Span ms={ackMs(row)} />
        <Span ms={dealMs(row)} />
        <td className="cut tone-dim" title={row.why === '' ? undefined : row.why}>
          {trueMinus(row.why)}
        </td>
      </tr>
      {row.quarantine !== null && (
        <tr className="is-held">
          <td className="tone-error whitespace-normal!" colSpan={HEADS.length}>
            <span className="strong">QUARANTINED</span> {trueMinus(row.quarantine)}. Compare MetaTrader’s history with this line.
          </td>
        </tr>
      )}
    </>
  );
});

export const CommandTable = ({ rows }: { readonly rows: readonly CommandRow[] }) => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls sideways must be reachable by keyboard
  <section aria-label="Commands, all columns" className="overflow-x-auto" tabIndex={0}>
    <table className="grid-table" onCopy={copyFullPrecision}>
      <caption className="sr-only">Commands</caption>
      <thead>
        <tr>
          {HEADS.map(([label, className, hint]) => (
            <th className={className} key={label} scope="col" title={hint === '' ? undefined : hint}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <CommandLine key={row.commandId} row={row} />
        ))}
      </tbody>
    </table>
  </section>
);

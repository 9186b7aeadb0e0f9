/**
 * Figures in tables. Owns alignment on the decimal point, the tone of a sign, and what a copy takes: the shown text
 * is rounded, the clipboard gets every digit.
 */
import { bps, fullPrecision, padAfter, UNKNOWN } from '../format/numbers.ts';

type Figure = number | null | undefined;

interface NumProps {
  readonly text: string;
  /** For the clipboard; the text itself when omitted. */
  readonly full?: string;
  /** Fraction digits of the column's widest figure; shorter ones are padded so that the points stand in line. */
  readonly digits?: number;
  readonly className?: string;
}

export const Num = ({ text, full, digits, className = '' }: NumProps) => {
  const pad = digits === undefined || text === UNKNOWN ? { digits: 0, point: false } : padAfter(text, digits);
  return (
    <span
      className={`${className}${pad.point ? ' point-pad' : ''}`}
      data-full={full}
      style={pad.digits > 0 ? { paddingRight: `${pad.digits}ch` } : undefined}
    >
      {text}
    </span>
  );
};

export const toneOf = (value: Figure): string => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'tone-faint';
  return value < 0 ? 'tone-down' : 'tone-up';
};

const arrowOf = (value: Figure): string => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '';
  return value < 0 ? '▼' : '▲';
};

/** Basis points with sign; `signal` adds arrow and colour. */
export const Bps = ({
  value,
  signal = false,
  className = '',
}: {
  readonly value: Figure;
  readonly signal?: boolean;
  readonly className?: string;
}) => (
  <>
    {signal && (
      <span aria-hidden="true" className={`arrow ${toneOf(value)}`}>
        {arrowOf(value)}
      </span>
    )}
    <Num className={`${signal ? toneOf(value) : ''} ${className}`} full={fullPrecision(value)} text={bps(value)} />
  </>
);

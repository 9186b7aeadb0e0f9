/**
 * A command as the EA reads it from a reply. Pure: a field that is missing or misshapen makes it a bad command, never a
 * guess. The fingerprint is what must not change between deliveries of one id.
 */

export interface Command {
  readonly id: string;
  readonly num: number;
  readonly kind: 'open' | 'close' | 'cancel' | 'query' | 'flatten';
  readonly leaseId: string;
  readonly ttlMs: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly lots: string;
  readonly limitPrice: string;
  readonly maxDevPoints: number;
  readonly comment: string;
  /** Identifier; 0 unless it closes. */
  readonly positionId: number;
  readonly targetId: string;
  readonly scope: string;
}

const KINDS = ['open', 'close', 'cancel', 'query', 'flatten'] as const;

/** The command of a reply, or the name of the field that is wrong. null = there is none. */
export const readCommand = (raw: unknown): Command | { readonly wrong: string; readonly id: string; readonly leaseId: string } | null => {
  if (typeof raw !== 'object' || raw === null) return null;
  const fields = raw as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const kind = KINDS.find((k) => k === text('kind'));
  const amounts = kind === 'open' || kind === 'close';
  const decimal = (name: string): boolean => /^\d{1,18}(\.\d{1,16})?$/.test(text(name));
  const wrong = [
    ...(text('command_id') === '' ? ['command_id'] : []),
    ...(kind === undefined ? ['kind'] : []),
    ...(/^\d{1,16}$/.test(text('num')) ? [] : ['num']),
    ...(amounts && text('symbol') === '' ? ['symbol'] : []),
    ...(amounts && text('side') !== 'buy' && text('side') !== 'sell' ? ['side'] : []),
    ...(amounts && !(decimal('lots') && Number(text('lots')) > 0) ? ['lots'] : []),
    ...(amounts && !(decimal('limit_price') && Number(text('limit_price')) > 0) ? ['limit_price'] : []),
    ...(kind === 'close' && !/^[1-9]\d{0,15}$/.test(text('position_id')) ? ['position_id'] : []),
    ...((kind === 'cancel' || kind === 'query') && text('target_id') === '' ? ['target_id'] : []),
  ][0];
  if (wrong !== undefined || kind === undefined) return { wrong: wrong ?? 'kind', id: text('command_id'), leaseId: text('lease_id') };
  return {
    id: text('command_id'),
    num: Number(text('num')),
    kind,
    leaseId: text('lease_id'),
    ttlMs: Number(text('ttl_ms')),
    symbol: text('symbol'),
    side: text('side') === 'sell' ? 'sell' : 'buy',
    lots: text('lots'),
    limitPrice: text('limit_price'),
    maxDevPoints: Number(text('max_dev_points')),
    comment: text('comment'),
    positionId: Number(text('position_id')),
    targetId: text('target_id'),
    scope: text('scope'),
  };
};

export const fingerprintOf = (c: Command): string =>
  [c.kind, c.num, c.symbol, c.side, c.lots, c.positionId, c.limitPrice, c.targetId, c.scope].join('|');

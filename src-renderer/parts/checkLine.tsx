/** One line of a list of checks: its state by shape, colour and word, what was found, and the fix while there is one. */
type CheckLook = readonly [shape: string, tone: string, word: string];
export const CHECK_LOOKS: Readonly<Record<'pass' | 'warn' | 'fail' | 'waiting', CheckLook>> = {
  pass: ['✓', 'tone-dim', 'pass'],
  warn: ['!', 'tone-warn', 'warn'],
  fail: ['✗', 'tone-error strong', 'fail'],
  waiting: ['○', 'tone-warn', 'waiting'],
};

export const CheckLine = ({
  code,
  state,
  name,
  detail,
  fix,
}: {
  readonly code: string;
  readonly state: keyof typeof CHECK_LOOKS;
  readonly name: string;
  readonly detail: string;
  /** Empty = nothing to mend. */
  readonly fix: string;
}) => {
  const [shape, tone, word] = CHECK_LOOKS[state];
  return (
    <li className={`check is-${state}`} data-testid={`check-${code}`}>
      <span aria-hidden="true" className={tone}>
        {shape}
      </span>
      <span className="check-name">{name}</span>
      <span className={`check-word ${tone}`}>{word}</span>
      <span className="check-detail">{detail}</span>
      {fix !== '' && <span className="check-fix">{fix}</span>}
    </li>
  );
};

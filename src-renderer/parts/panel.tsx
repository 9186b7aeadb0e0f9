/** A titled region of the screen with its tools on the right. */
import { useId, type ReactNode } from 'react';

interface PanelProps {
  readonly title: string;
  readonly tools?: ReactNode;
  readonly beside?: ReactNode;
  readonly className?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}

export const Panel = ({ title, tools, beside, className = '', testId, children }: PanelProps) => {
  const headingId = useId();
  return (
    <section aria-labelledby={headingId} className={`panel ${className}`} data-testid={testId}>
      <div className="panel-head">
        <h2 id={headingId}>{title}</h2>
        {beside}
        {tools !== undefined && <div className="tools">{tools}</div>}
      </div>
      {children}
    </section>
  );
};

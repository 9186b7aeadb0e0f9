/** A button that acts only when held for the whole time, by pointer or key; a short press merely begins. */
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode, type Ref } from 'react';
import { HOLD_IDLE, holdProgress, stepHold, type HoldEvent, type HoldPhase } from '../features/kill/holdMachine.ts';

const CLOCK_MS = 30;

interface HoldButtonProps {
  readonly className: string;
  readonly onBegin?: () => void;
  /** Let go before the time was over. */
  readonly onEarly?: () => void;
  readonly onHeld: () => void;
  readonly buttonRef?: Ref<HTMLButtonElement>;
  readonly title?: string;
  readonly children: ReactNode;
}

const isHoldKey = (key: string): boolean => key === ' ' || key === 'Enter';

const useHold = ({ onBegin, onEarly, onHeld }: Pick<HoldButtonProps, 'onBegin' | 'onEarly' | 'onHeld'>) => {
  const phase = useRef<HoldPhase>(HOLD_IDLE);
  const [progress, setProgress] = useState(0);
  const [isDown, setDown] = useState(false);
  const tell = (event: HoldEvent): void => {
    const step = stepHold(phase.current, event);
    phase.current = step.phase;
    setDown(step.phase.at === 'holding');
    setProgress(holdProgress(step.phase, performance.now()));
    if (step.effect === 'begin') onBegin?.();
    else if (step.effect === 'early') onEarly?.();
    else if (step.effect === 'fire') onHeld();
  };
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    if (!isDown) return undefined;
    const timer = setInterval(() => latest.current({ kind: 'clock', nowMs: performance.now() }), CLOCK_MS);
    return () => clearInterval(timer);
  }, [isDown]);
  return { tell, progress, isIdle: () => phase.current.at === 'idle' };
};

export const HoldButton = ({ className, onBegin, onEarly, onHeld, buttonRef, title, children }: HoldButtonProps) => {
  const { tell, progress } = useHold({ ...(onBegin && { onBegin }), ...(onEarly && { onEarly }), onHeld });
  const pointerDown = (event: PointerEvent<HTMLButtonElement>): void => {
    if (event.button !== 0) return;
    // A touch would else stay with the button also when it slides off.
    if (event.currentTarget.hasPointerCapture(event.pointerId)) event.currentTarget.releasePointerCapture(event.pointerId);
    tell({ kind: 'down', by: 'pointer', nowMs: performance.now() });
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') tell({ kind: 'abort' });
    if (!isHoldKey(event.key)) return;
    event.preventDefault();
    if (!event.repeat) tell({ kind: 'down', by: 'key', nowMs: performance.now() });
  };
  const keyUp = (event: KeyboardEvent): void => {
    if (!isHoldKey(event.key)) return;
    event.preventDefault();
    tell({ kind: 'up', by: 'key', nowMs: performance.now() });
  };
  return (
    <button
      className={`${className} hold`}
      onBlur={() => tell({ kind: 'abort' })}
      // A click that neither pointer nor key made (assistive technology) cannot hold: it only begins.
      onClick={(event) => event.detail === 0 && onBegin?.()}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={keyDown}
      onKeyUp={keyUp}
      onPointerCancel={() => tell({ kind: 'abort' })}
      onPointerDown={pointerDown}
      onPointerLeave={() => tell({ kind: 'abort' })}
      onPointerUp={() => tell({ kind: 'up', by: 'pointer', nowMs: performance.now() })}
      ref={buttonRef}
      title={title}
      type="button"
    >
      <span aria-hidden="true" className="hold-bar" style={{ transform: `scaleX(${progress})` }} />
      {children}
    </button>
  );
};

/**
 * Whether an element is on the screen or about to be. One observer for all rows: a table of two hundred pairs redraws
 * only what can be seen.
 */
import { useEffect, useState, type RefObject } from 'react';

/** Rows this close to the visible part are drawn already, so that scrolling never shows an empty one. */
const MARGIN_PX = 400;

const setters = new WeakMap<Element, (onScreen: boolean) => void>();
let observer: IntersectionObserver | null = null;

const sharedObserver = (): IntersectionObserver =>
  (observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) setters.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: `${MARGIN_PX}px`, scrollMargin: `${MARGIN_PX}px` },
  ));

/** True until the observer has said otherwise. */
export const useOnScreen = (target: RefObject<Element | null>): boolean => {
  const [onScreen, setOnScreen] = useState(true);
  useEffect(() => {
    const element = target.current;
    if (element === null) return undefined;
    setters.set(element, setOnScreen);
    sharedObserver().observe(element);
    return () => {
      setters.delete(element);
      sharedObserver().unobserve(element);
    };
  }, [target]);
  return onScreen;
};

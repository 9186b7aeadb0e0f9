/** The button at the head of a venue's strip: names the venue and opens its sheet. */
import { ChevronRight } from 'lucide-react';

export const StripOpener = ({
  label,
  title,
  isOpen,
  onOpen,
}: {
  readonly label: string;
  readonly title: string;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}) => (
  <button aria-expanded={isOpen} aria-haspopup="dialog" className="tool is-outlined" onClick={onOpen} title={title} type="button">
    {label}
    <ChevronRight aria-hidden="true" size={12} />
  </button>
);

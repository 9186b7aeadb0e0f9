/** Menu of a table: save as CSV or JSON, all rows, full precision, times in ISO-8601 UTC. */
import { Menu } from '@base-ui/react/menu';
import { Download } from 'lucide-react';
import { exportFileName, toCsv, toJson, type ExportColumn } from '../format/export.ts';

const save = (name: string, text: string, type: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
};

interface ExportMenuProps<Row> {
  readonly table: string;
  readonly rows: () => readonly Row[];
  readonly columns: ReadonlyArray<ExportColumn<Row>>;
}

export const ExportMenu = <Row,>({ table, rows, columns }: ExportMenuProps<Row>) => (
  <Menu.Root modal={false}>
    <Menu.Trigger aria-label={`Export ${table}`} className="tool">
      <Download aria-hidden="true" size={13} />
      Export
    </Menu.Trigger>
    <Menu.Portal>
      <Menu.Positioner align="end" className="z-40" sideOffset={4}>
        <Menu.Popup className="popup">
          <Menu.Item onClick={() => save(exportFileName(table, Date.now(), 'csv'), toCsv(rows(), columns), 'text/csv')}>CSV file</Menu.Item>
          <Menu.Item onClick={() => save(exportFileName(table, Date.now(), 'json'), toJson(rows(), columns), 'application/json')}>
            JSON file
          </Menu.Item>
        </Menu.Popup>
      </Menu.Positioner>
    </Menu.Portal>
  </Menu.Root>
);

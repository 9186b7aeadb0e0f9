/** Order of rows while the pointer is inside a table. Pure: they stay where they are, new ones go last. */
export const heldOrder = (held: readonly string[], table: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = new Set(held);
  return [...held.filter((id) => Object.hasOwn(table, id)), ...Object.keys(table).filter((id) => !known.has(id))];
};

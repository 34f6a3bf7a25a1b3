// A readable table for terminals: columns padded, numbers to the right, no borders.

/** Renders rows of values under their column names; empty rows give a table of its header alone. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly (string | number | bigint | null)[])[],
): string {
  const cells = rows.map((row) => row.map((value) => (value === null ? '-' : String(value))))
  const numeric = columns.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] !== 'string'))
  const widths = columns.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(columns), ...cells.map(line)].join('\n')
}

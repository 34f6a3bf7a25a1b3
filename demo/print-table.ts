// Writes rows under headings, numbers to the right.

/** A table as text, with a line feed at its end. */
export function printTable(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[], isNumber: (column: number) => boolean): string =>
    row
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  const isNumber = (column: number): boolean => typeof rows[0]?.[column] === 'number'
  return [line(headings, isNumber), ...cells.map((row) => line(row, isNumber))].map((text) => `  ${text}\n`).join('')
}

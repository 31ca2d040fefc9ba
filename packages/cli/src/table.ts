import { displayWidth, padEndToWidth, padStartToWidth } from './display-width.js'

export type Column = { readonly title: string; readonly align: 'left' | 'right' }

/**
 * Lays out a table in aligned columns, two spaces apart, without trailing spaces.
 *
 * @example
 * ```ts
 * renderTable([{ title: 'child', align: 'left' }], [['tally']]) // ['child', 'tally']
 * ```
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [columns.map((column) => column.title), ...rows]
  const widths = columns.map((_, index) => Math.max(...all.map((row) => displayWidth(row[index] ?? ''))))
  return all.map((row) =>
    columns
      .map((column, index) => {
        const pad = column.align === 'right' ? padStartToWidth : padEndToWidth
        return pad(row[index] ?? '', widths[index] ?? 0)
      })
      .join('  ')
      .trimEnd(),
  )
}

import { cutToWidth, displayWidth, padEndToWidth, padStartToWidth } from '../display-width.js'
import type { Paint, Style } from '../sgr.js'

/** A column of a table that must fit. Cells are plain text; colour comes last, since it cannot be cut. */
export type FittedColumn<Row> = {
  readonly title: string
  readonly align: 'left' | 'right'
  readonly cell: (row: Row) => string
  readonly style?: (row: Row) => Style | undefined
  /** Columns of a high rank are left out first where there is no room for all; rank 0 stays, cut if need be. */
  readonly rank: number
}

const gap = 2
/** The column at the end takes what is left of the width; with less than this it is left out. */
const restMin = 8

/**
 * Lays out a table that is never wider than the screen.
 *
 * @param rest the column at its end: of any length, it gets what is left
 * @returns the head, then one line a row
 */
export function fittedTable<Row>(
  columns: readonly FittedColumn<Row>[],
  rest: FittedColumn<Row>,
  rows: readonly Row[],
  width: number,
  paint: Paint,
): readonly string[] {
  const fixed = columns.map((column) => ({
    column,
    width: Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(column.cell(row)))),
  }))
  const shown = fitting(fixed, width)
  const left = width - totalWidth(shown) - gap
  const all = left < restMin ? shown : [...shown, { column: rest, width: left }]
  const line = (
    cellOf: (column: FittedColumn<Row>) => string,
    styleOf: (column: FittedColumn<Row>) => Style | undefined,
  ) =>
    all
      .map(({ column, width: columnWidth }, at) => {
        const text = cutToWidth(cellOf(column), columnWidth)
        const isLast = at === all.length - 1 && column.align === 'left'
        const padded = column.align === 'right' ? padStartToWidth(text, columnWidth) : padEndToWidth(text, columnWidth)
        const cell = isLast ? text : padded
        const style = styleOf(column)
        return style === undefined ? cell : paint(style, cell)
      })
      .join(' '.repeat(gap))
  return [
    line(
      ({ title }) => title,
      () => 'bold',
    ),
    ...rows.map((row) =>
      line(
        ({ cell }) => cell(row),
        ({ style }) => style?.(row),
      ),
    ),
  ]
}

type Placed<Row> = { readonly column: FittedColumn<Row>; readonly width: number }

function totalWidth<Row>(placed: readonly Placed<Row>[]): number {
  return placed.reduce((sum, { width }) => sum + width + gap, -gap)
}

function fitting<Row>(placed: readonly Placed<Row>[], width: number): readonly Placed<Row>[] {
  if (totalWidth(placed) <= width) return placed
  const worst = Math.max(...placed.map(({ column }) => column.rank))
  if (worst > 0)
    return fitting(
      placed.filter(({ column }) => column.rank !== worst),
      width,
    )
  const each = Math.floor((width - gap * (placed.length - 1)) / placed.length)
  if (each < 1) return placed.slice(0, 1).map(({ column }) => ({ column, width }))
  return placed.map(({ column, width: own }) => ({ column, width: Math.min(own, each) }))
}

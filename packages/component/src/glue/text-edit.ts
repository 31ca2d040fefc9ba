/** A change of a text: what stands from `start` up to `end` is replaced. Edits of one text do not overlap. */
export type Edit = { readonly start: number; readonly end: number; readonly text: string }

export function applyEdits(source: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let position = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(source.slice(position, edit.start), edit.text)
    position = edit.end
  }
  parts.push(source.slice(position))
  return parts.join('')
}

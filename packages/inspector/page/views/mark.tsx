import type { Standing } from '../model/standing.js'

/** A state: sign, colour and word together. */
export function Mark({ sign, tone, words }: Standing) {
  return (
    <span class={`mark ${tone}`}>
      <span aria-hidden="true">{sign}</span> {words}
    </span>
  )
}

import type { ParsedTopicPattern } from '@bulkhead/capability'

/**
 * The pattern of exactly those topics that both patterns match, or `undefined` when there is none. Two patterns of this
 * grammar always meet in one pattern.
 *
 * @example `orders.*.new` and `orders.eu.>` meet in `orders.eu.new`.
 */
export function meetOf(one: ParsedTopicPattern, other: ParsedTopicPattern): ParsedTopicPattern | undefined {
  const [short, long] = one.tokens.length <= other.tokens.length ? [one, other] : [other, one]
  const deeper = long.tokens.length - short.tokens.length
  // `>` is one token at least, so a pattern with it and one without it of the same length share no topic.
  if (deeper === 0 ? short.rest !== long.rest : !short.rest) return undefined
  const tokens: string[] = []
  for (const [index, token] of long.tokens.entries()) {
    const against = short.tokens[index] ?? '*'
    if (token !== against && token !== '*' && against !== '*') return undefined
    tokens.push(token === '*' ? against : token)
  }
  const source = [...tokens, ...(long.rest ? ['>'] : [])].join('.')
  return { source, tokens, rest: long.rest }
}

import { checkPatternText, isControl, isLoneSurrogate, isWhiteSpace, unitsOf } from './characters.js'
import type { CompiledPattern } from './compiled-pattern.js'
import { topicBytesMax, topicTokenCharactersMax, topicTokensMax } from './limits.js'
import { PatternError } from './pattern-error.js'

/** First tokens that belong to the host: no pattern grants them and no wildcard reaches them. */
const reservedTokens = ['$sys', '_inbox']

/** A topic pattern (SPEC 3.4) as plain data. A token `*` is any one token; `rest` says that it ended with `>`. */
export type ParsedTopicPattern = {
  readonly source: string
  readonly tokens: readonly string[]
  readonly rest: boolean
}

/**
 * A topic pattern in the grammar of NATS subjects: tokens separated by `.`, `*` exactly one token, a last `>` one or more.
 *
 * @throws {PatternError} empty tokens, white space, `*` or `>` glued to other characters, `>` not last, `$sys.`, `_inbox.`.
 * @example
 * ```ts
 * compileTopicPattern('orders.>').matches('orders.eu.new') // true
 * compileTopicPattern('orders.>').matches('orders') // false
 * ```
 */
export function compileTopicPattern(source: string): CompiledPattern {
  const parsed = parseTopicPattern(source)
  return { source, matches: (candidate) => isTopic(candidate) && topicMatches(parsed, candidate) }
}

/** @throws {PatternError} see `compileTopicPattern`. */
export function parseTopicPattern(source: string): ParsedTopicPattern {
  checkPatternText(source, topicBytesMax)
  const tokens = source.split('.')
  if (tokens.length > topicTokensMax) throw bad(source, 0, `the pattern has more than ${topicTokensMax} tokens`)
  if (reservedTokens.includes(tokens[0] ?? '')) throw bad(source, 0, `\`${tokens[0]}.\` belongs to the host`)
  let at = 0
  for (const [index, token] of tokens.entries()) {
    checkToken(source, at, token, index === tokens.length - 1)
    at += token.length + 1
  }
  const rest = tokens.at(-1) === '>'
  if (rest) tokens.pop()
  return { source, tokens, rest }
}

/** Whether the text is a concrete topic that components may use: the grammar without wildcards, not the host's own. */
export function isTopic(text: string): boolean {
  if (text.length === 0 || text.length > topicBytesMax) return false
  let bytes = 0
  let tokens = 1
  let characters = 0
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0
    at += unitsOf(codePoint)
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
    if (codePoint === 0x2e) {
      if (characters === 0 || ++tokens > topicTokensMax) return false
      characters = 0
    } else if (!isTokenCharacter(codePoint) || ++characters > topicTokenCharactersMax) {
      return false
    }
  }
  return characters > 0 && bytes <= topicBytesMax && !isReserved(text)
}

/** Whether the pattern matches a topic that passed `isTopic`. */
export function topicMatches(pattern: ParsedTopicPattern, topic: string): boolean {
  let at = 0
  for (const [index, wanted] of pattern.tokens.entries()) {
    const dot = topic.indexOf('.', at)
    const end = dot === -1 ? topic.length : dot
    if (wanted !== '*' && !(end - at === wanted.length && topic.startsWith(wanted, at))) return false
    if (dot === -1) return !pattern.rest && index === pattern.tokens.length - 1
    at = dot + 1
  }
  return pattern.rest
}

/** Whether every topic that `narrow` matches is matched by `wide`. Sound. */
export function topicCovers(wide: ParsedTopicPattern, narrow: ParsedTopicPattern): boolean {
  const deeper = narrow.tokens.length - wide.tokens.length
  if (wide.rest ? deeper < 0 || (deeper === 0 && !narrow.rest) : narrow.rest || deeper !== 0) return false
  return wide.tokens.every((wanted, index) => wanted === '*' || wanted === narrow.tokens[index])
}

function checkToken(source: string, start: number, token: string, last: boolean): void {
  if (token === '') throw bad(source, Math.min(start, source.length - 1), 'the pattern holds an empty token')
  if (token === '*') return
  if (token === '>') {
    if (!last) throw bad(source, start, '`>` is not the last token')
    return
  }
  let characters = 0
  for (let at = 0; at < token.length; ) {
    const codePoint = token.codePointAt(at) ?? 0
    if (!isTokenCharacter(codePoint)) {
      throw bad(source, start + at, `\`${String.fromCodePoint(codePoint)}\` is not allowed in a token`)
    }
    if (++characters > topicTokenCharactersMax) {
      throw bad(source, start, `a token is longer than ${topicTokenCharactersMax} characters`)
    }
    at += unitsOf(codePoint)
  }
}

function isTokenCharacter(codePoint: number): boolean {
  if (codePoint === 0x2a || codePoint === 0x3e) return false
  return !isWhiteSpace(codePoint) && !isControl(codePoint) && !isLoneSurrogate(codePoint)
}

function isReserved(topic: string): boolean {
  return reservedTokens.some((token) => topic === token || (topic.startsWith(token) && topic[token.length] === '.'))
}

function bad(source: string, position: number, message: string): PatternError {
  return new PatternError(message, {
    source,
    position,
    hint: 'tokens of 1 to 128 characters without white space, separated by `.`; `*` is one token, a last `>` one or more',
  })
}

// Which small changes of a source a test should notice. Textual, on code without its comments: fast, without a parser, and
// wrong only where a mutant does not compile to anything else, which shows as one that nobody notices.

/**
 * @typedef {{ line: number, operator: string, found: string, put: string, apply: (source: string) => string }} Mutant
 */

/** Each finds places in code whose comments and texts are blanked, and says what to put there. */
const operators = [
  {
    name: 'answer',
    pattern: /(?<=\b(?:return|=>) )(true|false)\b/g,
    put: (found) => (found === 'true' ? 'false' : 'true'),
  },
  { name: 'comparison', pattern: /(?<= )(===|!==|<=|>=|<|>)(?= )/g, put: (found) => flipped[found] },
  { name: 'conjunction', pattern: /(?<= |^)(&&|\|\|)(?= |$)/gm, put: (found) => (found === '&&' ? '||' : '&&') },
  { name: 'quantor', pattern: /\.(some|every)(?=\()/g, put: (found) => (found === '.some' ? '.every' : '.some') },
]
const flipped = { '===': '!==', '!==': '===', '<': '<=', '<=': '<', '>': '>=', '>=': '>' }
const verdicts = { granted: 'denied', denied: 'granted' }

/** @param {string} source @returns {readonly Mutant[]} */
export function mutantsOf(source) {
  const code = blanked(source, 'comments and texts')
  const found = [
    ...operators.flatMap(({ name, pattern, put }) =>
      [...code.matchAll(pattern)].map((match) => change(source, name, match.index, match[0], put(match[0]))),
    ),
    ...guards(source, code),
    ...verdictSwaps(source),
  ]
  return found.filter(({ line }) => !isType(source, line)).sort((one, other) => one.line - other.line)
}

/** Every `if` is a guard: what it keeps from happening happens, or what it lets happen does not. */
function guards(source, code) {
  return [...code.matchAll(/\bif \(/g)].map(({ index }) => {
    const open = index + 'if '.length
    const condition = source.slice(open, closing(code, open) + 1)
    return change(source, 'guard removed', open, condition, `(false && ${condition})`)
  })
}

function verdictSwaps(source) {
  const code = blanked(source, 'comments')
  return [...code.matchAll(/(?<!\| )'(granted|denied)'(?! \|(?!\|))/g)].map((match) =>
    change(source, 'verdict', match.index, match[0], `'${verdicts[match[1]]}'`),
  )
}

/** @returns {Mutant} */
function change(source, operator, index, found, put) {
  const line = source.slice(0, index).split('\n').length
  const apply = (text) => text.slice(0, index) + put + text.slice(index + found.length)
  return { line, operator, found, put, apply }
}

function closing(code, open) {
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === '(') depth++
    if (code[at] === ')' && --depth === 0) return at
  }
  throw new Error('a parenthesis is never closed')
}

/** Types are erased: a change in one changes nothing. */
function isType(source, line) {
  const text = source.split('\n')[line - 1] ?? ''
  return /^\s*(export )?(type |readonly |\| )/.test(text)
}

/**
 * The source with comments, and where asked for also texts and regular expressions, replaced by blanks of the same length.
 *
 * @param {string} source @param {'comments' | 'comments and texts'} what
 */
function blanked(source, what) {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(=,:!&|?[]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g
  return source.replace(token, (found) => {
    const comment = found.startsWith('//') || found.startsWith('/*')
    return comment || what === 'comments and texts' ? found.replace(/[^\n]/g, ' ') : found
  })
}

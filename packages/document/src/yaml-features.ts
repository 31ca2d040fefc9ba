import type { CST } from 'yaml'
import { nestingLevelsMax } from './limits.js'
import { quote } from './quote.js'

// What YAML has and documents here may not use. Each of these lets one place of a text change what another place says, or
// lets two readers see two documents; a policy is read by people first. Looked for among the parser's tokens, before
// anything is resolved: an alias bomb dies at its first alias.

/** Something refused: its offset in the text, and why. */
export type RefusedFeature = { readonly offset: number; readonly message: string; readonly hint: string }

const plain = 'write the value out where it is needed'

/** Every refused feature, and whether the document nests deeper than it may. Keeps its own stack: depth is the author's choice. */
export function findRefusedFeatures(tokens: readonly CST.Token[]): {
  readonly features: readonly RefusedFeature[]
  readonly tooDeep: RefusedFeature | undefined
} {
  const features: RefusedFeature[] = []
  let tooDeep: RefusedFeature | undefined
  const steps: { readonly token: CST.Token; readonly level: number }[] = []
  const push = (inner: readonly (CST.Token | null | undefined)[], level: number): void => {
    for (const token of inner) if (token) steps.push({ token, level })
  }
  push(tokens, 0)
  refuseSecondDocument(tokens, features)
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { token, level } = step
    const feature = featureOf(token)
    if (feature !== undefined) features.push({ offset: token.offset, ...feature })
    if ('items' in token && level > nestingLevelsMax) {
      const hint = `tables and lists nest at most ${nestingLevelsMax} deep`
      tooDeep = { offset: token.offset, message: 'the document nests too deep', hint }
      break
    }
    push(innerTokens(token), 'items' in token ? level + 1 : level)
  }
  return { features, tooDeep }
}

function innerTokens(token: CST.Token): readonly (CST.Token | null | undefined)[] {
  if ('items' in token) {
    return token.items.flatMap((item) => [...item.start, item.key, ...(item.sep ?? []), item.value])
  }
  if (token.type === 'document') return [...token.start, token.value]
  return token.type === 'block-scalar' ? token.props : []
}

function featureOf(token: CST.Token): { readonly message: string; readonly hint: string } | undefined {
  switch (token.type) {
    case 'anchor':
      return { message: `${quote(token.source)} is an anchor: there are none here`, hint: plain }
    case 'alias':
      return { message: `${quote(token.source)} is an alias: there are none here`, hint: plain }
    case 'tag':
      return { message: `${quote(token.source)} is a tag: there are none here`, hint: 'remove it' }
    case 'directive':
      return {
        message: `${quote(token.source)} is a directive: there are none here`,
        hint: 'remove the line: documents are YAML 1.2',
      }
    default:
      return undefined
  }
}

function refuseSecondDocument(tokens: readonly CST.Token[], features: RefusedFeature[]): void {
  const second = tokens.filter(({ type }) => type === 'document')[1]
  if (second === undefined) return
  features.push({ offset: second.offset, message: 'a second document begins here', hint: 'one document a file' })
}

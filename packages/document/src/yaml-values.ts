import { isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import { childOf, type Place } from './places.js'
import { quote } from './quote.js'
import type { YamlTable, YamlValue } from './yaml-value.js'

/** Reports something at an offset into the text. */
export type ReportAtOffset = (offset: number, message: string, hint: string) => void

const INTEGER_MIN = -(2n ** 63n)
const INTEGER_MAX = 2n ** 63n - 1n
/** Octal in YAML 1.1, decimal in 1.2. */
const LEADING_ZERO = /^[-+]?0[0-9_]+$/

/**
 * The parsed tree as plain frozen values, and the place of each. It recurses as deep as the document nests, which was
 * bounded before. What is refused is reported, and reading goes on without it.
 */
export function yamlValueOf(node: ParsedNode, place: Place, report: ReportAtOffset): YamlValue {
  place.value ??= node.range[0]
  if (isMap(node)) return tableOf(node, place, report)
  if (isSeq(node)) {
    return Object.freeze(node.items.map((item, index) => yamlValueOf(item, childOf(place, index), report)))
  }
  return isScalar(node) ? scalarOf(node, place, report) : null
}

function tableOf(map: YAMLMap.Parsed, place: Place, report: ReportAtOffset): YamlTable {
  const table: Record<string, YamlValue> = Object.create(null)
  for (const pair of map.items) {
    const key = keyOf(pair, report)
    if (key === undefined) continue
    if (Object.hasOwn(table, key)) {
      report(pair.key.range[0], `the key ${quote(key)} stands twice`, 'a key may stand only once: join the two')
      continue
    }
    const child = childOf(place, key)
    child.key = pair.key.range[0]
    // Neither a prototype nor a setter is here, so that `__proto__` is a key like any other.
    table[key] = pair.value === null ? null : yamlValueOf(pair.value, child, report)
  }
  return Object.freeze(table)
}

function keyOf({ key }: Pair<ParsedNode, ParsedNode | null>, report: ReportAtOffset): string | undefined {
  const [offset] = key.range
  if (!isScalar(key)) {
    report(offset, 'a list or table stands where a key belongs', 'a key is text')
  } else if (typeof key.value !== 'string') {
    report(offset, `the key ${quote(key.source ?? '')} is not text`, 'a key is text: put it in quotes, or remove it')
  } else if (key.value === '<<') {
    report(offset, '`<<` is a merge key: there are none here', 'write the keys out where they are needed')
  } else {
    return key.value
  }
  return undefined
}

function scalarOf(node: Scalar.Parsed, place: Place, report: ReportAtOffset): YamlValue {
  const { value, source, range } = node
  if (typeof value === 'string') {
    place.textEnd ??= range[1]
    return value
  }
  if (typeof value === 'bigint') {
    if (LEADING_ZERO.test(source)) {
      report(range[0], `${quote(source)} is one number to some readers and another to others`, 'no zeros in front')
    } else if (value < INTEGER_MIN || value > INTEGER_MAX) {
      const hint = `a whole number lies between ${INTEGER_MIN} and ${INTEGER_MAX}`
      report(range[0], 'the number does not fit into 64 bits', hint)
    }
    return value
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : null
}

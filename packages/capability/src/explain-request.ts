import type { Decision, GrantLimits, Layer, Request, Rule } from '@bulkhead/vocabulary'
import {
  type CapabilityTable,
  denyList,
  firstLayerList,
  forbiddenList,
  operatorList,
  roleAllowList,
  roleDenyList,
} from './capability-table.js'
import { Decider } from './decider.js'
import { foreignNamespaceReason } from './foreign-namespace.js'
import { RuleFinder } from './rule-finder.js'

/**
 * What one list said. `refuses` without a rule: the list had to allow and nothing in it did. `silent`: the list has no say
 * here, because only a match would count.
 */
export type ExplainedStep = {
  readonly layer: Layer
  readonly answer: 'allows' | 'refuses' | 'silent'
  readonly rule?: Rule
  /** Of the rule; what is in force in the end stands in the decision. */
  readonly limits?: GrantLimits
  /** Whether the verdict fell here. */
  readonly decides: boolean
}

/** A decision and how it came about, as plain data. */
export type RequestExplanation = {
  readonly request: Request
  readonly decision: Decision
  /** In the order in which the lists are asked; empty when the request was not well formed. */
  readonly steps: readonly ExplainedStep[]
}

/**
 * Explains what a table answers: for each list, in the order in which they are asked, which rule matched or that none did,
 * and where the verdict fell. Lists behind that one are shown too: they would have had the next word.
 *
 * @example
 * ```ts
 * const { decision, steps } = explainRequest(table, { kind: 'filesystem', action: 'read', resource: '/data/a.csv' })
 * steps.map(({ layer, answer }) => `${layer} ${answer}`) // ['forbidden silent', 'deny silent', 'manifest allows', 'operator silent']
 * ```
 */
export function explainRequest(table: CapabilityTable, request: Request): RequestExplanation {
  const decision = new Decider(table).decide(request)
  const finder = new RuleFinder(table)
  if (decision.layer === 'error' || finder.find(request) !== undefined) return { request, decision, steps: [] }
  const found = (list: number): FoundRule => foundIn(table, finder.found[list] ?? -1)
  const steps = [
    refusing('forbidden', found(forbiddenList)),
    refusing('deny', found(denyList)),
    ...layersOf(table).map((layer, index) => allowing(layer, found(firstLayerList + index))),
    ...foreignSteps(table, request),
    optional('operator', found(operatorList)),
    ...(table.roles === 'absent' ? [] : [ofRoles(found(roleDenyList), found(roleAllowList))]),
  ]
  const at = steps.findIndex((step) => fellAt(step, decision))
  return { request, decision, steps: steps.map((step, index) => ({ ...step, decides: index === at })) }
}

type Step = Omit<ExplainedStep, 'decides'>
type FoundRule = Pick<ExplainedStep, 'rule' | 'limits'>

/** Without a layer it is the manifest that is missing. */
function layersOf({ layers }: CapabilityTable): readonly Layer[] {
  return layers.length === 0 ? ['manifest'] : layers
}

function foundIn(table: CapabilityTable, index: number): FoundRule {
  const rule = table.rules[index]
  const limits = table.limits.get(index)
  return { ...(rule === undefined ? undefined : { rule }), ...(limits === undefined ? undefined : { limits }) }
}

function refusing(layer: Layer, found: FoundRule): Step {
  return { layer, answer: found.rule === undefined ? 'silent' : 'refuses', ...found }
}

function allowing(layer: Layer, found: FoundRule): Step {
  return { layer, answer: found.rule === undefined ? 'refuses' : 'allows', ...found }
}

function optional(layer: Layer, found: FoundRule): Step {
  return { layer, answer: found.rule === undefined ? 'silent' : 'allows', ...found }
}

function ofRoles(deny: FoundRule, allow: FoundRule): Step {
  return deny.rule === undefined ? allowing('role', allow) : refusing('role', deny)
}

/** What no rule of the layers can grant, whatever they say. */
function foreignSteps(table: CapabilityTable, { kind, resource }: Request): readonly Step[] {
  const foreign = kind === 'storage' && foreignNamespaceReason(table, resource) !== undefined
  return foreign ? [{ layer: 'approval', answer: 'refuses' }] : []
}

function fellAt({ layer, answer }: Step, { verdict, layer: decided }: Decision): boolean {
  return layer === decided && answer === (verdict === 'granted' ? 'allows' : 'refuses')
}

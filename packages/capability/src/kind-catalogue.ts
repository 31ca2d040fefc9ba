import {
  type Action,
  actionsByKind,
  BulkheadError,
  builtinActionsOf,
  kinds as builtinKinds,
  type CustomAction,
  type CustomKind,
  isBuiltinKind,
  isName,
  type Kind,
} from '@bulkhead/vocabulary'
import { customActionsMax, customKindsMax } from './limits.js'

/**
 * In which grammar the patterns of a custom kind are written (SPEC 17), and what its resources must look like:
 *
 * - `path`: as for files; a resource is a canonical absolute path.
 * - `name`: an exact name, or a beginning and a trailing `*`; a resource is text without control characters.
 * - `topic`: as for messages; the host's own topics are out of reach here too.
 * - `exact`: the resource itself, letter by letter; `*` is an ordinary character.
 */
export const kindGrammars = ['path', 'name', 'topic', 'exact'] as const
export type KindGrammar = (typeof kindGrammars)[number]

/** A custom kind as a host application writes it. */
export type KindDefinition = {
  /** As a component id; not the name of a built-in kind. */
  readonly name: string
  readonly grammar: KindGrammar
  /** 1 to 16, each written like the name. */
  readonly actions: readonly string[]
}

/** A custom kind that was checked. */
export type RegisteredKind = {
  readonly name: CustomKind
  readonly grammar: KindGrammar
  readonly actions: readonly CustomAction[]
}

/** The custom kinds beside the built-in ones, by name: plain data that is cloned with a table. */
export type KindCatalogue = ReadonlyMap<string, RegisteredKind>

/** The built-in kinds alone. */
export const noCustomKinds: KindCatalogue = new Map()

/**
 * Registers custom kinds. Here, and nowhere else, names become kinds and actions.
 *
 * @throws {BulkheadError} `usage` when a name, a grammar or an action is not of its form, or is there twice.
 * @example
 * ```ts
 * const kinds = defineKinds([{ name: 'crm-contact', grammar: 'name', actions: ['find', 'update'] }])
 * parseCapability('crm-contact.find=customer-*', kinds) // { kind: 'crm-contact', action: 'find', pattern: 'customer-*' }
 * ```
 */
export function defineKinds(definitions: readonly KindDefinition[]): KindCatalogue {
  if (definitions.length > customKindsMax) {
    throw new BulkheadError('usage', `${definitions.length} custom kinds are too many`, {
      hint: `at most ${customKindsMax}`,
    })
  }
  const catalogue = new Map<string, RegisteredKind>()
  for (const definition of definitions) {
    const { name } = definition
    checkKindName(name)
    if (catalogue.has(name)) throw new BulkheadError('usage', `the kind \`${name}\` is defined twice`)
    checkGrammar(definition)
    const actions = checkedActions(definition)
    catalogue.set(name, Object.freeze({ name: name as CustomKind, grammar: definition.grammar, actions }))
  }
  return catalogue
}

/** The built-in kinds in the vocabulary's order, then the custom ones in the order of their definition. */
export function kindsOf(catalogue: KindCatalogue): readonly Kind[] {
  return [...builtinKinds, ...[...catalogue.values()].map(({ name }) => name)]
}

/** The actions of a kind in the order in which documents list them; none when there is no such kind. */
export function actionsOf(kind: Kind, catalogue: KindCatalogue): readonly Action[] {
  return isBuiltinKind(kind) ? builtinActionsOf(kind) : (catalogue.get(kind)?.actions ?? [])
}

/** The kind of this name, or `undefined`. */
export function kindNamed(name: string, catalogue: KindCatalogue): Kind | undefined {
  return isBuiltinKind(name) ? name : catalogue.get(name)?.name
}

/** The kind's action of this name, or `undefined`. */
export function actionNamed(kind: Kind, name: string, catalogue: KindCatalogue): Action | undefined {
  return actionsOf(kind, catalogue).find((action) => action === name)
}

/** Every kind with its actions, in one line, for hints. */
export function describeKinds(catalogue: KindCatalogue): string {
  return kindsOf(catalogue)
    .map((kind) => `${kind} (${actionsOf(kind, catalogue).join(', ')})`)
    .join('; ')
}

function checkKindName(name: string): void {
  if (!isName(name)) {
    throw new BulkheadError('usage', `\`${name}\` cannot be the name of a kind`, { hint: nameHint })
  }
  if (isBuiltinKind(name)) {
    throw new BulkheadError('usage', `\`${name}\` is a built-in kind`, {
      hint: `choose another name than ${Object.keys(actionsByKind).join(', ')}`,
    })
  }
}

function checkGrammar({ name, grammar }: KindDefinition): void {
  if (kindGrammars.includes(grammar)) return
  throw new BulkheadError('usage', `the kind \`${name}\` has no known grammar, but \`${grammar}\``, {
    hint: `one of ${kindGrammars.join(', ')}`,
  })
}

function checkedActions({ name, actions }: KindDefinition): readonly CustomAction[] {
  if (actions.length < 1 || actions.length > customActionsMax) {
    throw new BulkheadError('usage', `the kind \`${name}\` has ${actions.length} actions`, {
      hint: `a kind has 1 to ${customActionsMax} actions`,
    })
  }
  for (const [index, action] of actions.entries()) {
    if (!isName(action)) {
      throw new BulkheadError('usage', `\`${action}\` cannot be an action of \`${name}\``, { hint: nameHint })
    }
    if (actions.indexOf(action) !== index) {
      throw new BulkheadError('usage', `the action \`${name}.${action}\` is defined twice`)
    }
  }
  return Object.freeze(actions.map((action) => action as CustomAction))
}

const nameHint = 'a letter, then letters, digits and `-`, all in lower case, at most 63'

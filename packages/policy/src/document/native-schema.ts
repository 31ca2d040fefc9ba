import { actionsOf, checkPattern, type KindCatalogue, kindsOf } from '@bulkhead/capability'
import {
  type Action,
  type Kind,
  parseBytes,
  parseBytesPerHour,
  parseDuration,
  parsePercent,
  parsePerHour,
} from '@bulkhead/vocabulary'
import { z } from 'zod'
import { componentsSchema } from './components-schema.js'
import { patternIssue } from './custom-issue.js'
import {
  connectionsMax,
  cpuPercentMax,
  descriptionCharactersMax,
  handlesMax,
  rulesMax,
  schemasKeptMax,
} from './limits.js'
import { describedText, quantityText, wholeNumber } from './schema-parts.js'

/** Which component a policy is read for, and which custom kinds there are. */
export type SchemaOptions = { readonly componentId: string | undefined; readonly kinds: KindCatalogue }

type Side = 'allow' | 'deny'

export type NativeSchema = ReturnType<typeof makeSchema>

const made = new WeakMap<KindCatalogue, Map<string | undefined, NativeSchema>>()

/**
 * The form of a native policy document (SPEC 5). Patterns are checked while zod walks, so that every finding comes at once.
 * Making a schema takes longer than reading a document with it: the last ones are kept.
 */
export function nativeSchema(options: SchemaOptions): NativeSchema {
  const ofKinds = made.get(options.kinds) ?? new Map<string | undefined, NativeSchema>()
  const known = ofKinds.get(options.componentId)
  if (known !== undefined) return known
  if (ofKinds.size >= schemasKeptMax) ofKinds.clear()
  const schema = makeSchema(options)
  made.set(options.kinds, ofKinds.set(options.componentId, schema))
  return schema
}

function makeSchema(options: SchemaOptions) {
  const sides = { allow: rulesSchema('allow', options).optional(), deny: rulesSchema('deny', options).optional() }
  return z.strictObject({
    description: describedText('a description', descriptionCharactersMax).optional(),
    ...sides,
    limits: limitsSchema.optional(),
    shared: z
      .strictObject({ components: componentsSchema, ...sides })
      .describe('a table of `components`, `allow` and `deny`')
      .optional(),
  })
}

export type NativeDocument = z.output<NativeSchema>
/** Kind → action → rules, as a document lists them. */
export type NativeRules = NonNullable<NativeDocument['allow']>
export type NativeRule = NonNullable<NonNullable<NativeRules[string]>[string]>[number]

function rulesSchema(side: Side, options: SchemaOptions) {
  const kinds = kindsOf(options.kinds).map((kind) => {
    const actions = actionsOf(kind, options.kinds).map((action) => [action, listSchema(side, kind, action, options)])
    const table: z.ZodObject<
      Record<string, z.ZodOptional<ReturnType<typeof listSchema>>>,
      z.core.$strict
    > = z.strictObject(Object.fromEntries(actions))
    return [kind, table.describe(`a table of the actions of \`${kind}\``).optional()] as const
  })
  return z.strictObject(Object.fromEntries(kinds)).describe('a table of kinds')
}

function listSchema(side: Side, kind: Kind, action: Action, options: SchemaOptions) {
  return z
    .array(ruleSchema(side, kind, action, options))
    .min(1)
    .max(rulesMax)
    .describe('a list of patterns')
    .optional()
}

function ruleSchema(side: Side, kind: Kind, action: Action, { componentId, kinds }: SchemaOptions) {
  const use = { kind, action, kinds, port: 'required' as const, ...(componentId === undefined ? {} : { componentId }) }
  const pattern = z
    .string()
    .describe('a pattern in quotes')
    .check(({ value, issues }) => {
      try {
        checkPattern(value, use)
      } catch (error) {
        issues.push(patternIssue(error, value))
      }
    })
  const sized = side === 'allow' && kind === 'filesystem' && (action === 'write' || action === 'create')
  const counted = side === 'allow' && kind === 'network' && action === 'connect'
  const keys = ['pattern', ...(sized ? ['max_file_size'] : []), ...(counted ? ['connections'] : [])]
  // The type names both limits; the document may write only what its action has.
  const limits: RuleLimits = {
    ...(sized ? { max_file_size: fileSize.optional() } : {}),
    ...(counted ? { connections: wholeNumber(0, connectionsMax).optional() } : {}),
  } as RuleLimits
  const table = z.strictObject({ pattern, ...limits })
  return z.union([pattern, table]).describe(`a pattern in quotes, or \`{ ${keys.join(', ')} }\``)
}

type RuleLimits = {
  readonly max_file_size: z.ZodOptional<z.ZodString>
  readonly connections: z.ZodOptional<z.ZodBigInt>
}

const fileSize = quantityText(parseBytes, 'a size as `"10MiB"` (B, KiB, MiB, GiB, TiB)', '0B', '1024TiB')

const rate = quantityText(parsePerHour, 'a rate as `"100/s"` (s, m, h)', '0/h', '1000000/s')

function byteRate(max: string) {
  return quantityText(parseBytesPerHour, 'a rate as `"64KiB/s"` (s, m, h)', '0B/h', max)
}

/** The keys of `[limits]`, as those of a manifest's `[quotas]`. */
const enforcedLimits = {
  memory: quantityText(parseBytes, 'a size as `"64MiB"` (B, KiB, MiB, GiB)', '0B', '4GiB').optional(),
  cpu: quantityText(parsePercent, 'a share as `"50%"` of one core', '1%', `${cpuPercentMax}%`).optional(),
  deadline: quantityText(parseDuration, 'a time as `"30s"` (ms, s, m, h, d)', '1ms', '24d').optional(),
  handles: wholeNumber(0, handlesMax).optional(),
  messages: rate.optional(),
  storage: quantityText(parseBytes, 'a size as `"100MiB"` (B, KiB, MiB, GiB, TiB)', '0B', '1TiB').optional(),
  network: byteRate('100GiB/s').optional(),
  requests: rate.optional(),
  logs: byteRate('1GiB/s').optional(),
}

const limitsSchema = z.strictObject(enforcedLimits).describe('a table of limits')

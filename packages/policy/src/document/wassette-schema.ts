import { z } from 'zod'
import { componentsSchema } from './components-schema.js'
import { descriptionCharactersMax, portsPerRuleMax, rulesMax, wordsPerRuleMax } from './limits.js'
import { describedText, wholeNumber } from './schema-parts.js'
import { checkCpuCores, checkCpuPercent, checkMemory } from './wassette-limits.js'
import { checkNetworkRule } from './wassette-network.js'
import { checkKey, checkUri } from './wassette-resources.js'
import { accessWords, protocolWords, type Side } from './wassette-words.js'

// Wassette's schema, strict where Wassette reads on: an unknown key there is a rule that nobody enforces. Wherever Wassette
// has an optional value, nothing (`key:`) says the same as leaving it out.

/** The form of a Wassette document of version 1.x. */
export const wassetteSchema = z.strictObject({
  ...header(/^1\.\d{1,3}$/, '"1.0"'),
  permissions: permissionsSchema(),
})

/** The form of version 2.0, which adds what several components share. */
export const wassetteWorkflowSchema = z.strictObject({
  ...header(/^2\.0$/, '"2.0"'),
  permissions: permissionsSchema().optional(),
  scope: z.literal('workflow').describe('`workflow`'),
  components: componentsSchema,
  shared_permissions: z.strictObject(rulesSchema()).describe('a table of `storage`, `network` and `environment`'),
})

export type WassettePermissions = NonNullable<z.output<typeof wassetteSchema>['permissions']>
export type WassetteRules = Pick<WassettePermissions, 'storage' | 'network' | 'environment'>
export type WassetteResources = WassettePermissions['resources']

function header(version: RegExp, example: string) {
  return {
    $schema: z.string().describe('the address of a schema').optional(),
    version: z.string().regex(version).describe(`a version in quotes, as \`${example}\``),
    description: describedText('a description', descriptionCharactersMax, 'blank').nullable().optional(),
  }
}

function listOf<T extends z.ZodType>(rule: T, what: string) {
  return z.array(rule).max(rulesMax).describe(`a list of ${what}`).nullable().optional()
}

function rulesSchema() {
  return {
    storage: sides((side) => listOf(storageRule(side), 'storage rules')),
    network: sides((side) => listOf(networkRule(side), 'network rules')),
    environment: sides(() => listOf(environmentRule(), 'variables')),
  }
}

function sides<T extends z.ZodType>(list: (side: Side) => T) {
  const table = z.strictObject({ allow: list('allow'), deny: list('deny') })
  return table.describe('a table of `allow` and `deny`').nullable().optional()
}

function storageRule(side: Side) {
  const access = z.array(z.enum(accessWords).describe('an access word')).min(1).max(wordsPerRuleMax)
  return z
    .strictObject({
      uri: z.string().describe('a URI as `fs:///data/**`').check(checkUri(side)),
      access: access.describe('a list of access words'),
    })
    .describe('a table of `uri` and `access`')
}

function networkRule(side: Side) {
  const protocols = z.array(z.enum(protocolWords).describe('a protocol')).min(1).max(wordsPerRuleMax)
  return z
    .strictObject({
      host: z.string().describe('a host name').optional(),
      cidr: z.string().describe('a block as `10.0.0.0/8`').optional(),
      defaults: z.literal(true).describe('`true`').optional(),
      ports: z.array(wholeNumber(1, 65_535)).min(1).max(portsPerRuleMax).describe('a list of ports').optional(),
      protocols: protocols.describe('a list of protocols').optional(),
    })
    .describe('a table of `host` or `cidr`, `ports` and `protocols`')
    .check(checkNetworkRule(side))
}

function environmentRule() {
  const key = z.string().describe('the name of a variable').check(checkKey)
  return z.strictObject({ key }).describe('a table of `key`')
}

function permissionsSchema() {
  const channels = listOf(
    z.strictObject({ uri: z.string().describe('a URI') }).describe('a table of `uri`'),
    'channels',
  )
  const anything = z.unknown().describe('read and not enforced').optional()
  return z
    .strictObject({
      ...rulesSchema(),
      runtime: z
        .strictObject({ docker: anything, hyperlight: anything, wasm: anything })
        .describe('a table of sandboxes')
        .nullable()
        .optional(),
      resources: resourcesSchema(),
      ipc: sides(() => channels),
    })
    .describe('a table of permissions')
    .nullable()
}

function resourcesSchema() {
  const amount = z.union([z.string(), z.bigint(), z.number()])
  const limits = z.strictObject({
    cpu: amount.describe('processors as `"500m"` or `"1"`').check(checkCpuCores).nullable().optional(),
    memory: z.union([z.string(), z.bigint()]).describe('a size as `"64Mi"`').check(checkMemory).nullable().optional(),
  })
  return z
    .strictObject({
      limits: limits.describe('a table of `cpu` and `memory`').nullable().optional(),
      cpu: z
        .union([z.bigint(), z.number()])
        .describe('percent of one core')
        .check(checkCpuPercent)
        .nullable()
        .optional(),
      memory: z.bigint().describe('a number of MiB').check(checkMemory).nullable().optional(),
      io: z.bigint().describe('a whole number').nullable().optional(),
    })
    .describe('a table of limits')
    .nullable()
    .optional()
}

import { DocumentError, Inspection, quote, type YamlDocument } from '@bulkhead/document'
import { readYaml } from '@bulkhead/document/yaml'
import { Fault } from '@bulkhead/vocabulary'
import type { z } from 'zod'
import type { Policy, PolicyLimits } from './policy.js'
import { refusedAs } from './refused-as.js'
import { refuseTooManyRules } from './rule-count.js'
import { reportIssues } from './schema-issues.js'
import { memoryLimit, parseCores, parseMemory } from './wassette-limits.js'
import { type WassetteSides, wassetteSides } from './wassette-rules.js'
import {
  type WassettePermissions,
  type WassetteResources,
  wassetteSchema,
  wassetteWorkflowSchema,
} from './wassette-schema.js'
import { Warnings } from './wassette-warnings.js'

/** @throws {DocumentError} `policy-invalid-format` when it is not YAML or of another version, else `policy-validation-failed`. */
export function readWassettePolicy(document: string | Uint8Array, file: string): Policy {
  const yaml = refusedAs('policy-invalid-format', () => readYaml(document, { file }))
  const { version } = yaml.value
  if (version === '2.0') return readWorkflow(yaml)
  if (typeof version === 'string' && !/^1\.\d{1,3}$/.test(version)) throw unknownVersion(yaml, version)
  const said = checked(wassetteSchema, yaml)
  return policyOf(yaml, said.description, said.permissions, new Warnings(yaml))
}

function readWorkflow(yaml: YamlDocument): Policy {
  const said = checked(wassetteWorkflowSchema, yaml)
  const warnings = new Warnings(yaml)
  const rules = wassetteSides(said.shared_permissions, ['shared_permissions'], yaml, warnings)
  const shared = { components: said.components, ...rules }
  return { ...policyOf(yaml, said.description, said.permissions, warnings, rules), shared }
}

function policyOf(
  yaml: YamlDocument,
  description: string | null | undefined,
  permissions: WassettePermissions | null | undefined,
  warnings: Warnings,
  shared?: WassetteSides,
): Policy {
  const { allow, deny } = wassetteSides(permissions ?? {}, ['permissions'], yaml, warnings)
  warnings.addUnenforced(permissions ?? {})
  refuseTooManyRules(new Inspection(yaml), [allow, deny, shared?.allow, shared?.deny])
  const limits = limitsOf(permissions?.resources, warnings)
  const said = description?.trim() ? { description } : {}
  return { file: yaml.file, format: 'wassette', ...said, allow, deny, limits, warnings: warnings.sorted() }
}

function checked<S extends z.ZodType>(schema: S, yaml: YamlDocument): z.output<S> {
  const inspection = new Inspection(yaml)
  const result = schema.safeParse(yaml.value)
  if (result.success) return result.data
  reportIssues(inspection, schema, yaml.value, result.error.issues)
  inspection.throwIfAny('policy-validation-failed')
  throw new Fault('internal', 'what is wrong with a policy was not reported')
}

function unknownVersion(yaml: YamlDocument, version: string): DocumentError {
  const message = `the version ${quote(version)} is not known`
  const hint = 'write `"1.0"`; `"2.0"` is for policies that several components share'
  const finding = { file: yaml.file, ...yaml.positionOf(['version']), message, hint }
  return new DocumentError([finding], 'policy-invalid-format')
}

/** Old and new keys of the same limit may stand side by side: the narrower one holds. */
function limitsOf(resources: WassetteResources, warnings: Warnings): PolicyLimits {
  const { limits, cpu, memory } = resources ?? {}
  const cpus = [
    limits?.cpu == null ? undefined : parseCores(limits.cpu),
    cpu == null ? undefined : Math.floor(Number(cpu)),
  ]
  const sizes = [limits?.memory, memory].map((size) => (size == null ? undefined : parseMemory(size)))
  const cpuPercent = narrowest(cpus)
  const bytes = narrowest(sizes)
  const memoryBytes = bytes === undefined ? undefined : memoryLimit(bytes)
  if (memoryBytes !== bytes) warnings.addMemoryCut(limits?.memory == null ? ['memory'] : ['limits', 'memory'])
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(cpuPercent === undefined ? {} : { cpuPercent }),
  }
}

function narrowest(values: readonly (number | undefined)[]): number | undefined {
  const said = values.filter((value) => value !== undefined)
  return said.length === 0 ? undefined : Math.min(...said)
}

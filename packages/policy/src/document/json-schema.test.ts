import { readFileSync } from 'node:fs'
import { defineKinds } from '@bulkhead/capability'
import { expect, it } from 'vitest'
import { policyJsonSchema } from './json-schema.js'

it.each([
  ['native', 'policy.schema.json'],
  ['wassette', 'wassette-policy.schema.json'],
] as const)(
  'docs/reference has the schema of %s policies as it is: run scripts/write-policy-schema.mjs',
  (format, name) => {
    const file = new URL(`../../../../docs/reference/${name}`, import.meta.url)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(policyJsonSchema(format))
  },
)

it('a schema has the custom kinds that it is asked for, and says of what kind numbers are', () => {
  const kinds = defineKinds([{ name: 'crm-contact', grammar: 'name', actions: ['find'] }])
  const schema = JSON.stringify(policyJsonSchema('native', { kinds }))
  expect(schema).toContain('"crm-contact"')
  expect(schema).toContain('"type":"integer","minimum":0,"maximum":65536')
  expect(JSON.stringify(policyJsonSchema('native'))).not.toContain('"crm-contact"')
})

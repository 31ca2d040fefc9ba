// Rewrites the JSON Schemas of docs/reference from the schemas that read policies. Run it after a build that changed them.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { policyJsonSchema } from '../packages/policy/dist/index.js'

const folder = new URL('../docs/reference/', import.meta.url)
const files = { native: 'policy.schema.json', wassette: 'wassette-policy.schema.json' }
mkdirSync(folder, { recursive: true })
const written = Object.entries(files).map(([format, name]) => {
  const file = new URL(name, folder)
  writeFileSync(file, `${JSON.stringify(policyJsonSchema(format), null, 2)}\n`)
  return fileURLToPath(file)
})
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
execFileSync(process.execPath, [biome, 'format', '--write', ...written], { stdio: 'inherit' })

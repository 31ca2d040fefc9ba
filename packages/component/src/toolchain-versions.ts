import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Bump when this workspace changes what it makes of a component: the checks, the rewriting, the artifact's form. An
 * artifact is only found by a version that would have made the same.
 */
const pipelineVersion = 10

/** What built an artifact: ours and the transpiler's version. */
export const toolchainVersions = `pipeline ${pipelineVersion}, jco-transpile ${transpilerVersion()}`

/** The package does not export its package.json, so it is looked for above its entry point. */
function transpilerVersion(): string {
  let directory = dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile'))
  for (let level = 0; level < 4; level += 1) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >
      if (name === '@bytecodealliance/jco-transpile' && typeof version === 'string') return version
    } catch {
      // No package.json here: one level up.
    }
    directory = dirname(directory)
  }
  throw new TypeError('the package @bytecodealliance/jco-transpile has no version')
}

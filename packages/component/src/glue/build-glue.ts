import { BulkheadError } from '@bulkhead/vocabulary'
import { glueCharactersMax } from '../limits.js'
import { checkGlue } from './check-glue.js'
import { countInstances } from './count-instances.js'
import { directExports } from './direct-exports.js'
import { directImports } from './direct-imports.js'
import { refuseShadows } from './refuse-shadows.js'
import { amendGlue, scriptOf } from './rewrite-glue.js'
import { parseModule, type SyntaxNode } from './syntax-tree.js'
import { applyEdits } from './text-edit.js'

export type CheckedGlue = {
  /** A script whose value is `(globalThis, console, forgedHandle) => instantiate`. */
  readonly script: string
  /** How often each core module is instantiated, by file name. */
  readonly instances: ReadonlyMap<string, number>
}

/**
 * Checks the transpiler's glue and turns it into the script that an actor runs.
 *
 * @throws {BulkheadError} `component-rejected-glue` when it is not of the known shape.
 */
export function buildGlue(source: string): CheckedGlue {
  if (source.length > glueCharactersMax) {
    throw new BulkheadError('component-too-large', `the generated glue has ${source.length} characters`, {
      details: { limit: glueCharactersMax },
    })
  }
  const stock = parsed(source)
  refuseShadows(stock)
  const amended = amendGlue(stock, source)
  const called = applyEdits(amended, directImports(parsed(amended), amended))
  const text = applyEdits(called, directExports(parsed(called), called))
  const module = parsed(text)
  checkGlue(module, text)
  return { script: scriptOf(module, text), instances: countInstances(module, text) }
}

function parsed(source: string): SyntaxNode {
  try {
    return parseModule(source)
  } catch (cause) {
    throw new BulkheadError('component-rejected-glue', 'the generated glue is not JavaScript that can be checked', {
      details: { reason: cause instanceof Error ? cause.message : String(cause) },
      cause,
    })
  }
}

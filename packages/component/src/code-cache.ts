import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { glueFileName } from './glue-file-name.js'

/**
 * V8's code cache for the glue. It is code as much as the glue is: it is made here, in the build worker, and never taken
 * from an actor. Every function is compiled, not only those that a run would have reached, because nothing of the
 * guest's runs here; the flag is put back before the cache is made, since the cache carries the flags it was made under.
 */
export function produceCodeCache(script: string): Uint8Array {
  setFlagsFromString('--no-lazy')
  try {
    const compiled = new Script(script, { filename: glueFileName })
    setFlagsFromString('--lazy')
    return compiled.createCachedData()
  } finally {
    setFlagsFromString('--lazy')
  }
}

// A component that is asked how it is, and answers as it was told to; it is called by name.
import { readFileSync } from 'node:fs'

const here = new URL('./', import.meta.url)

const livingWit = {
  worlds: `world living {
  import wasi:cli/stdout@0.2.12;
  import wasi:config/store@0.2.0-rc.1;
  export bulkhead:actor/lifecycle@0.1.0;
  export feel: func(mood: string);
  export times-asked: func() -> u32;
  export spin: func();
}
`,
  packages: '',
}

/** A module that has nothing to be called for. */
const only = `(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "bulkhead:actor/lifecycle@0.1.0#init") (result i32) unreachable)
  (func (export "bulkhead:actor/lifecycle@0.1.0#health") (result i32) unreachable)
  (func (export "bulkhead:actor/lifecycle@0.1.0#shutdown"))
)`

/** @param {URL[]} common */
export function lifecycleGuests(common) {
  const source = new URL('./living.js', here)
  const sources = [...common, source, new URL('./lifecycle-guests.mjs', here)]
  return [
    {
      name: 'lifecycle-living',
      sources,
      make: async () => {
        const { componentFromJavaScript } = await import('../messages/component-from-javascript.mjs')
        return componentFromJavaScript(readFileSync(source, 'utf8'), 'living', livingWit)
      },
    },
    {
      name: 'lifecycle-only',
      sources,
      make: async () => {
        const { componentFromWat } = await import('../component-from-wat.mjs')
        const more = { worlds: 'world alone { export bulkhead:actor/lifecycle@0.1.0; }\n', packages: '' }
        return componentFromWat(only, 'alone', more)
      },
    },
  ]
}

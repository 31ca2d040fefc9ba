// A component whose functions are called by name: one of each type that a call can carry, and some that no call survives.
import { readFileSync } from 'node:fs'

const here = new URL('./', import.meta.url)

const calleeWit = {
  worlds: `world callee {
  import wasi:cli/stdout@0.2.12;
  import wasmcloud:messaging/consumer@0.2.0;
  export greet: func(name: string) -> string;
  export say-twice: func(text: string, loudly: option<bool>) -> string;
  export boom: func();
  export spin: func();
  export count: func() -> u32;
  export forge: func(topic: string) -> result<_, string>;
  export acme:math/ops@1.0.0;
  export acme:math/more@1.0.0;
}
world reflected {
  export acme:math/mirror@1.0.0;
}
`,
  packages: `package acme:math@1.0.0 {
  interface types {
    record point { x: s32, far-away: s64 }
    enum colour { dark-red, green }
    flags rights { can-read, can-write }
    variant shape { none, circle(f64), corners(list<point>) }
  }
  interface ops {
    use types.{point, colour, rights, shape};
    divide: func(a: s32, b: s32) -> result<s32, string>;
    paint: func(form: shape) -> result<colour, shape>;
    check: func() -> result;
    long: func(bytes: u32) -> list<u8>;
    count: func() -> u32;
  }
  interface mirror {
    use types.{point, colour, rights, shape};
    record everything {
      tiny: u8, small: s16, whole: u32, huge: u64, ratio: f32, precise: f64, letter: char, text: string, yes: bool,
      bytes: list<u8>, numbers: list<u32>, where: point, tint: colour, may: rights, form: shape,
      maybe: option<string>, nested: option<option<u8>>, pair: tuple<string, u8>, outcome: result<u8, string>,
    }
    echo: func(value: everything) -> everything;
  }
  interface more {
    resource counter { constructor(); next: func() -> u32; }
    open: func() -> counter;
    half: func(of: f64) -> f64;
  }
}
`,
}

/** A value of many parts lies in memory the same way when it comes and when it goes: what was given is what is returned. */
const mirror = `(module
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func (export "acme:math/mirror@1.0.0#echo") (param i32) (result i32) (local.get 0))
)`

/** @param {URL[]} common */
export function callsGuests(common) {
  const source = new URL('./callee.js', here)
  return [
    {
      name: 'calls-callee',
      sources: [...common, source, new URL('./calls-guests.mjs', here)],
      make: async () => {
        const { componentFromJavaScript } = await import('../messages/component-from-javascript.mjs')
        return componentFromJavaScript(readFileSync(source, 'utf8'), 'callee', calleeWit)
      },
    },
    {
      name: 'calls-mirror',
      sources: [...common, new URL('./calls-guests.mjs', here)],
      make: async () => {
        const { componentFromWat } = await import('../component-from-wat.mjs')
        return componentFromWat(mirror, 'reflected', calleeWit)
      },
    },
  ]
}

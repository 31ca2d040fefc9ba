// What the small WAT guests share: memory, a bump allocator, and printing to stdout and stderr.
import { wasiVersion } from './component-from-wat.mjs'

/** Where a host call leaves its result. */
export const resultAt = 16
/** Text constants stand from here; strings that the host returns are allocated from the second page on. */
const textAt = 1024

/**
 * @param {string} name `wasi:io/streams#[method]input-stream.read`
 * @param {string} id the WAT identifier without `$`
 * @param {string} signature `(param i32) (result i32)`
 */
export function importFunction(name, id, signature) {
  const [iface, fn] = name.split('#')
  return `(import "${iface}@${wasiVersion}" "${fn}" (func $${id} ${signature}))`
}

/** Collects text constants and gives each as `pointer length` operands. */
export function textTable() {
  let bytes = Buffer.alloc(0)
  return {
    /** @param {string} text */
    operands(text) {
      const at = textAt + bytes.length
      const added = Buffer.from(text)
      bytes = Buffer.concat([bytes, added])
      return `(i32.const ${at}) (i32.const ${added.length})`
    },
    segment() {
      const escaped = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
      return `(data (i32.const ${textAt}) "${escaped}")`
    },
  }
}

/**
 * @param {{ imports?: string[], body: string, text: ReturnType<typeof textTable>, pages?: number, ends?: 'ok' | 'err' }} parts
 * `body` defines `$run`, which takes nothing and returns nothing; `ends` is what the program's entry point returns.
 */
export function commandModule({ imports = [], body, text, pages = 4, ends = 'ok' }) {
  return `(module
  ${importFunction('wasi:cli/stdout#get-stdout', 'get_stdout', '(result i32)')}
  ${importFunction('wasi:cli/stderr#get-stderr', 'get_stderr', '(result i32)')}
  ${importFunction('wasi:cli/exit#exit-with-code', 'exit_with_code', '(param i32)')}
  ${importFunction('wasi:io/streams#[method]output-stream.blocking-write-and-flush', 'write_and_flush', '(param i32 i32 i32 i32)')}
  ${importFunction('wasi:io/streams#[resource-drop]output-stream', 'drop_output', '(param i32)')}
  ${imports.join('\n  ')}
  (memory (export "memory") ${pages})
  (global $free (mut i32) (i32.const 65536))
  (func $allocate (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
      (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))))
    (local.get $at))
  (func $print (param $pointer i32) (param $length i32)
    (local $stream i32)
    (local.set $stream (call $get_stdout))
    (call $write_and_flush (local.get $stream) (local.get $pointer) (local.get $length) (i32.const ${resultAt}))
    (call $drop_output (local.get $stream)))
  (func $complain (param $pointer i32) (param $length i32)
    (local $stream i32)
    (local.set $stream (call $get_stderr))
    (call $write_and_flush (local.get $stream) (local.get $pointer) (local.get $length) (i32.const ${resultAt}))
    (call $drop_output (local.get $stream)))
  (func $print_number (param $value i32)
    (local $at i32)
    (local.set $at (i32.const 320))
    (loop $digits
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
      (local.set $value (i32.div_u (local.get $value) (i32.const 10)))
      (br_if $digits (local.get $value)))
    (call $print (local.get $at) (i32.sub (i32.const 320) (local.get $at))))
  ${body}
  (func (export "wasi:cli/run@${wasiVersion}#run") (result i32) (call $run) (i32.const ${ends === 'ok' ? 0 : 1}))
  ${text.segment()})`
}

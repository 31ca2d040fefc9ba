;; Says hello, then never calls the host again and never ends.
(module
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush"
    (func $write_and_flush (param i32 i32 i32 i32)))

  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))
  (data (i32.const 1024) "spinning for ever\n")

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  (func $spin_for_ever (loop $again (br $again)))

  (func (export "wasi:cli/run@0.2.12#run") (result i32)
    (call $write_and_flush (call $get_stdout) (i32.const 1024) (i32.const 18) (i32.const 16))
    (call $spin_for_ever)
    (i32.const 0)))

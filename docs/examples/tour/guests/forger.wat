;; Calls the host with a handle that it was never given: the number is from the air.
;; An honest program cannot do this, so the first attempt proves hostility.
(module
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush"
    (func $write_and_flush (param i32 i32 i32 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.stat" (func $stat (param i32 i32)))

  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))
  (data (i32.const 1024) "using file handle 4242, which nobody gave me\n")
  (data (i32.const 1088) "ESCAPED: the host took it\n")

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  (func $print (param $at i32) (param $length i32)
    (call $write_and_flush (call $get_stdout) (local.get $at) (local.get $length) (i32.const 16)))

  (func (export "wasi:cli/run@0.2.12#run") (result i32)
    (call $print (i32.const 1024) (i32.const 45))
    (call $stat (i32.const 4242) (i32.const 64))
    (call $print (i32.const 1088) (i32.const 26))
    (i32.const 0)))

;; Sends its joke, and then whatever it can lay its hands on: to a stranger, to the boss, by a shell.
(module
  (import "acme:mail/sender@1.0.0" "send" (func $send (param i32 i32 i32 i32 i32 i32 i32)))
  (import "acme:tools/run@1.0.0" "run" (func $run (param i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "jokes@example.com")
  (data (i32.const 96) "me@elsewhere.test")
  (data (i32.const 128) "boss1@example.com")
  (data (i32.const 160) "A component walks into a bar")
  (data (i32.const 192) "/bin/sh")
  (data (i32.const 208) "cat /etc/passwd")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))

  (func $write (param $to i32)
    (call $send
      (local.get $to) (i32.const 17) (i32.const 160) (i32.const 28) (i32.const 160) (i32.const 28) (i32.const 16)))

  (func (export "wasi:cli/run@0.2.12#run") (result i32)
    (call $write (i32.const 64))
    (call $write (i32.const 96))
    (call $write (i32.const 128))
    (call $run
      (i32.const 192) (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 208) (i32.const 15) (i32.const 16))
    (i32.const 0)))

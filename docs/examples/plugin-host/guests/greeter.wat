;; Welcomes two people. Imports acme:mail/sender and nothing else.
(module
  (import "acme:mail/sender@1.0.0" "send" (func $send (param i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "ana@example.com")
  (data (i32.const 96) "ben@example.com")
  (data (i32.const 128) "Welcome")
  (data (i32.const 160) "Tea is on the second floor.")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))

  (func $welcome (param $to i32)
    (call $send
      (local.get $to) (i32.const 15) (i32.const 128) (i32.const 7) (i32.const 160) (i32.const 27) (i32.const 16)))

  (func (export "wasi:cli/run@0.2.12#run") (result i32)
    (call $welcome (i32.const 64))
    (call $welcome (i32.const 96))
    ;; Its own end: well, when the last letter went.
    (i32.load8_u (i32.const 16))))

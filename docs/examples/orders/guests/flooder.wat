;; Once the shop is busy, sends what looks like orders as fast as it can and never stops. No WASI, nothing but messages.
(module
  (import "wasmcloud:messaging/consumer@0.2.0" "publish" (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))
  (data (i32.const 64) "orders.new")
  (data (i32.const 80) "buy cheap pills")

  ;; The answers of the host lie where the last one lay: nothing here reads them.
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (global.get $free))

  (func (export "wasmcloud:messaging/handler@0.2.0#handle-message")
    (param i32) (param i32) (param i32) (param i32) (param i32) (param i32) (param i32) (result i32)
    (loop $again
      (call $publish
        (i32.const 64) (i32.const 10) (i32.const 80) (i32.const 15)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (br $again))
    (unreachable)))

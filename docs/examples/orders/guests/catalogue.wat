;; Answers what an item costs, in cents. Written against wasmcloud:messaging@0.2.0 alone: no WASI, nothing else.
(module
  (import "wasmcloud:messaging/consumer@0.2.0" "publish" (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))

  ;; From 0: what a host call returns. From 32: what the handler returns; all zero, it went well.
  ;; From 64: the list. An entry has 24 bytes: name (8), length of the name (4), price (8), length of the price (4).
  (data (i32.const 64)
    "tea\00\00\00\00\00"     "\03\00\00\00" "450\00\00\00\00\00"   "\03\00\00\00"
    "honey\00\00\00"         "\05\00\00\00" "725\00\00\00\00\00"   "\03\00\00\00"
    "flour\00\00\00"         "\05\00\00\00" "180\00\00\00\00\00"   "\03\00\00\00"
    "saffron\00"             "\07\00\00\00" "1990\00\00\00\00"     "\04\00\00\00")
  (global $entries_end i32 (i32.const 160))
  (data (i32.const 168) "unknown")

  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "wasmcloud:messaging/handler@0.2.0#handle-message")
    (param $subject i32) (param $subject_length i32) (param $body i32) (param $body_length i32)
    (param $has_reply_to i32) (param $reply_to i32) (param $reply_to_length i32) (result i32)
    (local $price i32) (local $price_length i32) (local $entry i32)
    (local.set $price (i32.const 168))
    (local.set $price_length (i32.const 7))
    (local.set $entry (i32.const 64))
    (loop $entries
      (if (call $same (local.get $entry) (i32.load offset=8 (local.get $entry)) (local.get $body) (local.get $body_length))
        (then
          (local.set $price (i32.add (local.get $entry) (i32.const 12)))
          (local.set $price_length (i32.load offset=20 (local.get $entry)))))
      (local.set $entry (i32.add (local.get $entry) (i32.const 24)))
      (br_if $entries (i32.lt_u (local.get $entry) (global.get $entries_end))))
    (if (local.get $has_reply_to)
      (then
        (call $publish
          (local.get $reply_to) (local.get $reply_to_length) (local.get $price) (local.get $price_length)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
    (i32.const 32))

  ;; The message's memory is used again.
  (func (export "cabi_post_wasmcloud:messaging/handler@0.2.0#handle-message") (param i32)
    (global.set $free (i32.const 65536)))

  (func $same (param $one i32) (param $one_length i32) (param $other i32) (param $other_length i32) (result i32)
    (local $index i32)
    (if (i32.ne (local.get $one_length) (local.get $other_length)) (then (return (i32.const 0))))
    (loop $characters
      (if (i32.eq (local.get $index) (local.get $one_length)) (then (return (i32.const 1))))
      (if (i32.eq
          (i32.load8_u (i32.add (local.get $one) (local.get $index)))
          (i32.load8_u (i32.add (local.get $other) (local.get $index))))
        (then
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (br $characters))))
    (i32.const 0)))

/** Types that hold nothing else. Integers carry their width: a `u32` and a `u64` are different JavaScript values. */
export const primitiveKinds = [
  'bool',
  'u8',
  's8',
  'u16',
  's16',
  'u32',
  's32',
  'u64',
  's64',
  'f32',
  'f64',
  'char',
  'string',
] as const
export type PrimitiveKind = (typeof primitiveKinds)[number]

export type Field = { readonly name: string; readonly type: ValueType }
export type Case = { readonly name: string; readonly type?: ValueType }

/**
 * A component-model type, written out: aliases and `use` are followed to the end. A resource is known by the interface
 * that declares it and its name there, without the version.
 */
export type ValueType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'list'; readonly element: ValueType }
  | { readonly kind: 'record'; readonly fields: readonly Field[] }
  | { readonly kind: 'tuple'; readonly items: readonly ValueType[] }
  | { readonly kind: 'variant'; readonly cases: readonly Case[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly value: ValueType }
  | { readonly kind: 'result'; readonly ok?: ValueType; readonly error?: ValueType }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'own' | 'borrow'; readonly interface: string; readonly resource: string }
  /** Something that no contract uses (a stream, a future, a function as a value…): equal to nothing. */
  | { readonly kind: 'unsupported'; readonly text: string }

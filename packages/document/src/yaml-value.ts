/**
 * What a YAML document says, as plain frozen data. Tables have no prototype, so that a key named `__proto__` or
 * `constructor` is a key like any other. Integers are `bigint`; other numbers are `number`.
 */
export type YamlValue = string | bigint | number | boolean | null | readonly YamlValue[] | YamlTable
export type YamlTable = { readonly [key: string]: YamlValue }

export function isYamlTable(value: YamlValue | undefined): value is YamlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

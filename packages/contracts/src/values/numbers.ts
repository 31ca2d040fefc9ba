import type { ValueType } from '../value-type.js'

/** How numbers of one kind lie in an encoded value, little-endian. */
export type NumberCoding = {
  readonly bytes: number
  readonly fits: (value: unknown) => boolean
  readonly put: (view: DataView, at: number, value: never) => void
  readonly get: (view: DataView, at: number) => number | bigint
  /** What the glue makes of a list of them. */
  readonly array: (values: readonly (number | bigint)[]) => object
}

const integer =
  (min: number, max: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
const big =
  (min: bigint, max: bigint) =>
  (value: unknown): boolean =>
    typeof value === 'bigint' && value >= min && value <= max
const number = (value: unknown): boolean => typeof value === 'number'

type Numbers = readonly number[]
type Bigs = readonly bigint[]

const codings: ReadonlyMap<ValueType['kind'], NumberCoding> = new Map<ValueType['kind'], NumberCoding>([
  [
    'u8',
    {
      bytes: 1,
      fits: integer(0, 0xff),
      put: (view, at, value) => view.setUint8(at, value),
      get: (view, at) => view.getUint8(at),
      array: (values) => Uint8Array.from(values as Numbers),
    },
  ],
  [
    's8',
    {
      bytes: 1,
      fits: integer(-0x80, 0x7f),
      put: (view, at, value) => view.setInt8(at, value),
      get: (view, at) => view.getInt8(at),
      array: (values) => Int8Array.from(values as Numbers),
    },
  ],
  [
    'u16',
    {
      bytes: 2,
      fits: integer(0, 0xffff),
      put: (view, at, value) => view.setUint16(at, value, true),
      get: (view, at) => view.getUint16(at, true),
      array: (values) => Uint16Array.from(values as Numbers),
    },
  ],
  [
    's16',
    {
      bytes: 2,
      fits: integer(-0x8000, 0x7fff),
      put: (view, at, value) => view.setInt16(at, value, true),
      get: (view, at) => view.getInt16(at, true),
      array: (values) => Int16Array.from(values as Numbers),
    },
  ],
  [
    'u32',
    {
      bytes: 4,
      fits: integer(0, 0xffff_ffff),
      put: (view, at, value) => view.setUint32(at, value, true),
      get: (view, at) => view.getUint32(at, true),
      array: (values) => Uint32Array.from(values as Numbers),
    },
  ],
  [
    's32',
    {
      bytes: 4,
      fits: integer(-0x8000_0000, 0x7fff_ffff),
      put: (view, at, value) => view.setInt32(at, value, true),
      get: (view, at) => view.getInt32(at, true),
      array: (values) => Int32Array.from(values as Numbers),
    },
  ],
  [
    'u64',
    {
      bytes: 8,
      fits: big(0n, 2n ** 64n - 1n),
      put: (view, at, value) => view.setBigUint64(at, value, true),
      get: (view, at) => view.getBigUint64(at, true),
      array: (values) => BigUint64Array.from(values as Bigs),
    },
  ],
  [
    's64',
    {
      bytes: 8,
      fits: big(-(2n ** 63n), 2n ** 63n - 1n),
      put: (view, at, value) => view.setBigInt64(at, value, true),
      get: (view, at) => view.getBigInt64(at, true),
      array: (values) => BigInt64Array.from(values as Bigs),
    },
  ],
  [
    'f32',
    {
      bytes: 4,
      fits: number,
      put: (view, at, value) => view.setFloat32(at, value, true),
      get: (view, at) => view.getFloat32(at, true),
      array: (values) => Float32Array.from(values as Numbers),
    },
  ],
  [
    'f64',
    {
      bytes: 8,
      fits: number,
      put: (view, at, value) => view.setFloat64(at, value, true),
      get: (view, at) => view.getFloat64(at, true),
      array: (values) => Float64Array.from(values as Numbers),
    },
  ],
])

/** `undefined` for a kind that is no number. */
export function numberCoding(kind: ValueType['kind']): NumberCoding | undefined {
  return codings.get(kind)
}

import { assertNever } from '@bulkhead/vocabulary'
import { batchKeysMax, keyBytesMax, listedKeysMax, namespaceBytesMax, valueBytesMax } from '../limits.js'
import { FieldReader } from '../service/field-reader.js'
import { FieldWriter } from '../service/field-writer.js'

/**
 * What a guest's thread may ask of the store. A request names a name space and a key; whose they are is a property of the
 * channel on which it comes.
 */
export type StoreRequest = { readonly namespace: string } & (
  | { readonly op: 'get' | 'exists'; readonly key: string }
  | { readonly op: 'delete'; readonly key: string }
  | { readonly op: 'set'; readonly key: string; readonly value: Uint8Array }
  /** Keys behind `after`, in the order of their bytes. */
  | { readonly op: 'list'; readonly after: string | undefined; readonly limit: number }
  /** Adds to a decimal number; a key that is not there counts as 0. */
  | { readonly op: 'increment'; readonly key: string; readonly by: bigint }
  /** Sets the value only where it is `expected`; `undefined`: where there is none. */
  | {
      readonly op: 'swap'
      readonly key: string
      readonly expected: Uint8Array | undefined
      readonly value: Uint8Array
    }
  | { readonly op: 'get-many'; readonly keys: readonly string[] }
  | { readonly op: 'delete-many'; readonly keys: readonly string[] }
  | { readonly op: 'set-many'; readonly entries: readonly StoreEntry[] }
)

export type StoreEntry = { readonly key: string; readonly value: Uint8Array }

const ops = [
  'get',
  'exists',
  'delete',
  'set',
  'list',
  'increment',
  'swap',
  'get-many',
  'delete-many',
  'set-many',
] as const satisfies StoreRequest['op'][]

export function encodeStoreRequest(request: StoreRequest): Uint8Array {
  const writer = new FieldWriter().u8(ops.indexOf(request.op)).text(request.namespace)
  switch (request.op) {
    case 'get':
    case 'exists':
    case 'delete':
      return writer.text(request.key).finish()
    case 'set':
      return writer.text(request.key).bytes(request.value).finish()
    case 'list':
      writeOptional(writer, request.after, (after) => writer.text(after))
      return writer.u32(request.limit).finish()
    case 'increment':
      return writer.text(request.key).i64(request.by).finish()
    case 'swap':
      writer.text(request.key).bytes(request.value)
      writeOptional(writer, request.expected, (expected) => writer.bytes(expected))
      return writer.finish()
    case 'get-many':
    case 'delete-many':
      return writer.list(request.keys, (key) => writer.text(key)).finish()
    case 'set-many':
      return writer.list(request.entries, ({ key, value }) => writer.text(key).bytes(value)).finish()
    default:
      return assertNever(request)
  }
}

/**
 * Reads a request that was copied out of a slot. Lengths of keys and values are the guest's and are judged later; here only
 * what no caller of ours writes is refused.
 *
 * @throws {MalformedRequest}
 */
export function decodeStoreRequest(bytes: Uint8Array): StoreRequest {
  const reader = new FieldReader(bytes)
  const op = reader.oneOf(ops)
  const namespace = reader.text(namespaceBytesMax)
  const request = readRest(reader, op, namespace)
  reader.end()
  return request
}

function readRest(reader: FieldReader, op: (typeof ops)[number], namespace: string): StoreRequest {
  const key = (): string => reader.text(keyBytesMax)
  const value = (): Uint8Array => reader.bytes(valueBytesMax)
  switch (op) {
    case 'get':
    case 'exists':
    case 'delete':
      return { op, namespace, key: key() }
    case 'set':
      return { op, namespace, key: key(), value: value() }
    case 'list':
      return { op, namespace, after: readOptional(reader, key), limit: Math.min(reader.u32(), listedKeysMax) }
    case 'increment':
      return { op, namespace, key: key(), by: reader.i64() }
    case 'swap':
      return { op, namespace, key: key(), value: value(), expected: readOptional(reader, value) }
    case 'get-many':
    case 'delete-many':
      return { op, namespace, keys: reader.list(batchKeysMax, key) }
    case 'set-many':
      return { op, namespace, entries: reader.list(batchKeysMax, () => ({ key: key(), value: value() })) }
    default:
      return assertNever(op)
  }
}

function writeOptional<Value>(writer: FieldWriter, value: Value | undefined, write: (value: Value) => void): void {
  writer.u8(value === undefined ? 0 : 1)
  if (value !== undefined) write(value)
}

function readOptional<Value>(reader: FieldReader, read: () => Value): Value | undefined {
  return reader.oneOf([false, true]) ? read() : undefined
}

import { type AccessRecord, builtinActionsOf, isBuiltinKind, kinds, layers } from '@bulkhead/vocabulary'
import { encodedTextsMax, kindBytesMax, probePathBytesMax, textBytesMax } from './limits.js'
import { customKind, fixedBytes, hasText, offsetOf, recordFormat } from './record-layout.js'
import { EncodedTexts } from './text-bytes.js'

const EMPTY = new Uint8Array(0)
/** No encoded record has more bytes. */
export const encodedBytesMax = fixedBytes + 3 * textBytesMax + probePathBytesMax + kindBytesMax
const utf8 = new TextEncoder()

/** Writes access records into a buffer of its own, one at a time. */
export class RecordEncoder {
  /** Holds the record after `encode`, from the start. */
  readonly bytes = new Uint8Array(encodedBytesMax)
  readonly #view = new DataView(this.bytes.buffer)
  readonly #texts = new EncodedTexts({ textsMax: encodedTextsMax, bytesMax: textBytesMax })

  /**
   * @param repeatsBefore how often the decision of the record before this one was repeated: this record ends that run.
   * @returns how many bytes the record takes.
   */
  encode(record: AccessRecord, repeatsBefore: number): number {
    const resource = this.#texts.encode(record.resource)
    const rule = record.rule === undefined ? EMPTY : this.#texts.encode(record.rule)
    const reason = record.reason === undefined ? EMPTY : this.#texts.encode(record.reason)
    const probePath = probePathBytes(record.probeHostPath)
    const view = this.#view
    view.setUint8(offsetOf.format, recordFormat)
    const { kind, action } = record
    const isBuiltin = isBuiltinKind(kind)
    const kindName = isBuiltin ? EMPTY : this.#texts.encode(`${kind}.${action}`)
    view.setUint8(offsetOf.kind, isBuiltin ? kinds.indexOf(kind) : customKind)
    view.setUint8(offsetOf.action, isBuiltin ? (builtinActionsOf(kind) as readonly string[]).indexOf(action) : 0)
    view.setUint8(offsetOf.verdict, record.verdict === 'granted' ? 1 : 0)
    view.setUint8(offsetOf.layer, layers.indexOf(record.layer))
    view.setUint8(
      offsetOf.texts,
      (record.rule === undefined ? 0 : hasText.rule) |
        (record.reason === undefined ? 0 : hasText.reason) |
        (probePath === undefined ? 0 : hasText.probePath),
    )
    view.setUint16(offsetOf.kindBytes, kindName.length, true)
    view.setUint32(offsetOf.policyVersion, record.policyVersion, true)
    view.setUint32(offsetOf.count, record.count, true)
    view.setUint32(offsetOf.repeatsBefore, repeatsBefore, true)
    view.setUint32(offsetOf.reserved32, 0, true)
    view.setBigInt64(offsetOf.at, record.at, true)
    view.setUint16(offsetOf.resourceBytes, resource.length, true)
    view.setUint16(offsetOf.ruleBytes, rule.length, true)
    view.setUint16(offsetOf.reasonBytes, reason.length, true)
    view.setUint16(offsetOf.probePathBytes, probePath?.length ?? 0, true)
    let end = this.#put(fixedBytes, resource)
    end = this.#put(end, rule)
    end = this.#put(end, reason)
    end = this.#put(end, probePath ?? EMPTY)
    return this.#put(end, kindName)
  }

  #put(at: number, text: Uint8Array): number {
    this.bytes.set(text, at)
    return at + text.length
  }
}

/** A path that is too long to exist is not looked for: the denial then counts as one. */
function probePathBytes(path: string | undefined): Uint8Array | undefined {
  if (path === undefined || path.length > probePathBytesMax) return undefined
  const bytes = utf8.encode(path)
  return bytes.length > probePathBytesMax ? undefined : bytes
}

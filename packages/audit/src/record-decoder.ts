import {
  type AccessRecord,
  type Action,
  actionsByKind,
  type CustomAction,
  type CustomKind,
  isBuiltinKind,
  isName,
  kinds,
  layers,
} from '@bulkhead/vocabulary'
import { kindBytesMax, probePathBytesMax, runCountMax, textBytesMax } from './limits.js'
import { customKind, fixedBytes, hasText, offsetOf, recordFormat } from './record-layout.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const ascii = new TextDecoder('latin1')

export type DecodedRecord = { readonly record: AccessRecord; readonly repeatsBefore: number }

/**
 * Reads a record back. The bytes are the writer's claim: each of them is checked.
 *
 * @param bytes a private copy, not shared memory.
 * @returns what is wrong with it, as text, when it is not a record.
 */
export function decodeRecord(bytes: Uint8Array): DecodedRecord | string {
  if (bytes.length < fixedBytes) return `a record of ${bytes.length} bytes is too short`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const layer = layers[view.getUint8(offsetOf.layer)]
  const verdict = view.getUint8(offsetOf.verdict)
  const count = view.getUint32(offsetOf.count, true)
  const repeatsBefore = view.getUint32(offsetOf.repeatsBefore, true)
  if (view.getUint8(offsetOf.format) !== recordFormat) return 'a record of an unknown format'
  if (layer === undefined || verdict > 1) return 'a record with an unknown layer or verdict'
  const asked = decodeKind(bytes, view)
  if (typeof asked === 'string') return asked
  if (count < 1 || count > runCountMax || repeatsBefore > runCountMax) return 'a record with an impossible count'
  if (view.getUint32(offsetOf.reserved32) !== 0) return 'a record with something where nothing belongs'
  const texts = decodeTexts(bytes, view)
  if (typeof texts === 'string') return texts
  const record: AccessRecord = {
    at: view.getBigInt64(offsetOf.at, true),
    policyVersion: view.getUint32(offsetOf.policyVersion, true),
    ...asked,
    verdict: verdict === 1 ? 'granted' : 'denied',
    layer,
    count,
    ...texts,
  }
  return { record, repeatsBefore }
}

/** Of a host application's kind only its form is known here: what is registered is known where it was decided. */
function decodeKind(bytes: Uint8Array, view: DataView): Pick<AccessRecord, 'kind' | 'action'> | string {
  const [kindAt, actionAt] = [view.getUint8(offsetOf.kind), view.getUint8(offsetOf.action)]
  const length = view.getUint16(offsetOf.kindBytes, true)
  if (kindAt !== customKind) {
    const kind = kinds[kindAt]
    const action = kind === undefined ? undefined : (actionsByKind[kind] as readonly Action[])[actionAt]
    if (kind === undefined || action === undefined) return 'a record with an unknown kind or action'
    return length === 0 ? { kind, action } : 'a record with a name of a built-in kind'
  }
  if (length > kindBytesMax || length > bytes.length - fixedBytes || actionAt !== 0) return 'a record with a bad kind'
  const [kind = '', action = '', ...more] = ascii.decode(bytes.subarray(bytes.length - length)).split('.')
  if (!isName(kind) || !isName(action) || more.length > 0 || isBuiltinKind(kind)) return 'a record with a bad kind'
  return { kind: kind as CustomKind, action: action as CustomAction }
}

type Texts = Pick<AccessRecord, 'resource' | 'rule' | 'reason' | 'probeHostPath'>

function decodeTexts(bytes: Uint8Array, view: DataView): Texts | string {
  const present = view.getUint8(offsetOf.texts)
  const resourceBytes = view.getUint16(offsetOf.resourceBytes, true)
  const ruleBytes = view.getUint16(offsetOf.ruleBytes, true)
  const reasonBytes = view.getUint16(offsetOf.reasonBytes, true)
  const probePathBytes = view.getUint16(offsetOf.probePathBytes, true)
  if (Math.max(resourceBytes, ruleBytes, reasonBytes) > textBytesMax || probePathBytes > probePathBytesMax) {
    return 'a record with a text that is too long'
  }
  const kindBytes = view.getUint16(offsetOf.kindBytes, true)
  if (fixedBytes + resourceBytes + ruleBytes + reasonBytes + probePathBytes + kindBytes !== bytes.length) {
    return 'a record whose texts do not add up to its length'
  }
  let at = fixedBytes
  const take = (length: number): string => {
    at += length
    return utf8.decode(bytes.subarray(at - length, at))
  }
  try {
    const resource = take(resourceBytes)
    const rule = take(ruleBytes)
    const reason = take(reasonBytes)
    const probeHostPath = take(probePathBytes)
    return {
      resource,
      ...((present & hasText.rule) !== 0 && { rule }),
      ...((present & hasText.reason) !== 0 && { reason }),
      ...((present & hasText.probePath) !== 0 && { probeHostPath }),
    }
  } catch {
    return 'a record with a text that is not UTF-8'
  }
}

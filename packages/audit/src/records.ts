// How access records are written, read and paced: for who carries them by another way than a ring.
export { sameDecision } from './audit-ring.js'
export { runWindowNs } from './limits.js'
export { type DecodedRecord, decodeRecord } from './record-decoder.js'
export { encodedBytesMax, RecordEncoder } from './record-encoder.js'
export { createRecordRate } from './ring-memory.js'

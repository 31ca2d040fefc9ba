// How one access record is written and read: for who carries records by another way than a ring.

export { type DecodedRecord, decodeRecord } from './record-decoder.js'
export { encodedBytesMax, RecordEncoder } from './record-encoder.js'

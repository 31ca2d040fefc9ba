// Generated from wit/ by scripts/generate.mjs. Do not edit.
import type { ExportType } from '../export-type.js'

export const generatedExportTypes: readonly ExportType[] = [
  {
    name: 'bulkhead:actor/lifecycle',
    version: '0.1.0',
    typeSection: Uint8Array.from([
      1, 66, 6, 1, 106, 0, 1, 115, 1, 64, 0, 0, 0, 4, 0, 4, 105, 110, 105, 116,
      1, 1, 4, 0, 6, 104, 101, 97, 108, 116, 104, 1, 1, 1, 64, 0, 1, 0, 4, 0,
      8, 115, 104, 117, 116, 100, 111, 119, 110, 1, 2,
    ]),
  },
  {
    name: 'wasmcloud:messaging/handler',
    version: '0.2.0',
    typeSection: Uint8Array.from([
      1, 66, 7, 1, 112, 125, 1, 107, 115, 1, 114, 3, 7, 115, 117, 98, 106, 101, 99, 116,
      115, 4, 98, 111, 100, 121, 0, 8, 114, 101, 112, 108, 121, 45, 116, 111, 1, 4, 0, 14,
      98, 114, 111, 107, 101, 114, 45, 109, 101, 115, 115, 97, 103, 101, 3, 0, 2, 1, 106, 0,
      1, 115, 1, 64, 1, 3, 109, 115, 103, 3, 0, 4, 4, 0, 14, 104, 97, 110, 100, 108,
      101, 45, 109, 101, 115, 115, 97, 103, 101, 1, 5,
    ]),
  },
]

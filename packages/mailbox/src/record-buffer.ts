import { subjectBytesMax } from './limits.js'
import { RepeatedText } from './text-bytes.js'

/** How many of the largest records one piece of memory takes. */
const recordsPerPiece = 8

/**
 * Where records are copied to out of shared memory. A body is not copied again: it is a view of the piece into which its
 * record was copied, so the next record goes behind it, and into a new piece when there is no room.
 */
export class RecordBuffer {
  bytes: Buffer = Buffer.alloc(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  /** Where the next record goes. */
  at = 0
  readonly subjects = new RepeatedText(subjectBytesMax)
  /** What there is room for at `at`, once it was made. */
  readonly recordBytesMax: number

  constructor(recordBytesMax: number) {
    this.recordBytesMax = recordBytesMax
  }

  /** Makes room for a record of any length, at `at`. */
  makeRoom(): void {
    if (this.at + this.recordBytesMax <= this.bytes.length) return
    this.bytes = Buffer.from(new ArrayBuffer(recordsPerPiece * this.recordBytesMax))
    this.view = new DataView(this.bytes.buffer)
    this.at = 0
  }

  /** The last bytes of the record at `at`, of so many; they stay as they are. */
  keep(recordBytes: number, lastBytes: number): Uint8Array {
    const end = this.at + recordBytes
    this.at = end
    return new Uint8Array(this.bytes.buffer, end - lastBytes, lastBytes)
  }
}

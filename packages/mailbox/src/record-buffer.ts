/** Where records are copied to out of shared memory, one at a time. */
export class RecordBuffer {
  readonly bytes: Buffer
  readonly view: DataView

  constructor(bytesMax: number) {
    this.bytes = Buffer.from(new ArrayBuffer(bytesMax))
    this.view = new DataView(this.bytes.buffer)
  }
}

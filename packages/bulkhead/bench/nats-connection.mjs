// As much of the NATS protocol as a benchmark needs: publish, subscribe with a queue group, request by an inbox.
import { once } from 'node:events'
import { connect } from 'node:net'

const lineEnd = Buffer.from('\r\n')

export class NatsConnection {
  #socket
  #held = Buffer.alloc(0)
  /** @type {Map<string, (body: string, replyTo: string) => void>} */
  #handlers = new Map()
  /** @type {Map<string, (body: string) => void>} */
  #awaited = new Map()
  /** @type {(() => void)[]} */
  #pongs = []
  #inbox = `_INBOX.${process.hrtime.bigint()}.${Math.floor(Math.random() * 1e9)}`
  #subscriptions = 0
  #requests = 0

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.write('CONNECT {"verbose":false}\r\n')
    this.subscribe(`${this.#inbox}.*`, '', () => {})
  }

  /** @param {number} port */
  static async open(port) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const connection = new NatsConnection(socket)
    await connection.flushed()
    return connection
  }

  /** @param {string} subject @param {string} body @param {string} [replyTo] */
  publish(subject, body, replyTo = '') {
    const head = replyTo === '' ? subject : `${subject} ${replyTo}`
    this.#socket.write(`PUB ${head} ${Buffer.byteLength(body)}\r\n${body}\r\n`)
  }

  /** @param {string} subject @param {string} queue @param {(body: string, replyTo: string) => void} handler */
  subscribe(subject, queue, handler) {
    const id = String(++this.#subscriptions)
    this.#handlers.set(id, handler)
    this.#socket.write(`SUB ${queue === '' ? subject : `${subject} ${queue}`} ${id}\r\n`)
  }

  /** @param {string} subject @param {string} body @returns {Promise<string>} */
  request(subject, body) {
    const replyTo = `${this.#inbox}.${++this.#requests}`
    return new Promise((resolve) => {
      this.#awaited.set(replyTo, resolve)
      this.publish(subject, body, replyTo)
    })
  }

  /** Resolves when the server has read everything so far. @returns {Promise<void>} */
  flushed() {
    return new Promise((resolve) => {
      this.#pongs.push(resolve)
      this.#socket.write('PING\r\n')
    })
  }

  close() {
    this.#socket.destroy()
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    for (;;) {
      const end = bytes.indexOf(lineEnd)
      if (end === -1) break
      const words = bytes.toString('latin1', 0, end).split(' ')
      let next = end + 2
      if (words[0] === 'MSG') {
        const length = Number(words.at(-1))
        if (bytes.length < next + length + 2) break
        const body = bytes.toString('utf8', next, next + length)
        this.#deliver(words[1] ?? '', words[2] ?? '', body, words.length === 5 ? (words[3] ?? '') : '')
        next += length + 2
      } else if (words[0] === 'PING') this.#socket.write('PONG\r\n')
      else if (words[0] === 'PONG') this.#pongs.shift()?.()
      bytes = bytes.subarray(next)
    }
    this.#held = bytes
  }

  /** @param {string} subject @param {string} id @param {string} body @param {string} replyTo */
  #deliver(subject, id, body, replyTo) {
    const awaited = this.#awaited.get(subject)
    if (awaited === undefined) this.#handlers.get(id)?.(body, replyTo)
    else {
      this.#awaited.delete(subject)
      awaited(body)
    }
  }
}

// Server-sent events (HTML Living Standard, 9.2). Nothing is read from its source before the client has room for it: a slow
// client costs what lies in the kernel, and the source says what it missed.

import { heartbeatMs } from './limits.js'

/** None of the three holds a line break: JSON has none, and names and cursors are ours. */
export type StreamMessage = { readonly id?: string; readonly event: string; readonly data: string }

export type StreamSource = {
  /** `undefined`: there will be no more. Asked again only when it has answered. */
  readonly next: () => Promise<StreamMessage | undefined>
  /** Called once, whatever ended it. */
  readonly close: () => void
}

const encoder = new TextEncoder()

export function eventStream(source: StreamSource, beatMs = heartbeatMs): ReadableStream<Uint8Array> {
  let pending: Promise<StreamMessage | undefined> | undefined
  let isOver = false
  const close = (): void => {
    if (!isOver) source.close()
    isOver = true
  }
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode('retry: 1000\n\n')),
      pull: async (controller) => {
        pending ??= source.next()
        const message = await within(pending, beatMs)
        if (isOver) return
        if (message === 'nothing') {
          controller.enqueue(encoder.encode(':\n\n'))
          return
        }
        pending = undefined
        if (message !== undefined) controller.enqueue(encoder.encode(written(message)))
        else {
          close()
          controller.close()
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
}

function written({ id, event, data }: StreamMessage): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`
}

async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | 'nothing'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'nothing'>((resolve) => {
    timer = setTimeout(() => resolve('nothing'), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

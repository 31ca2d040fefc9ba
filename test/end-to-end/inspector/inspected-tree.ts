// A runtime with a small tree of real guests, and its inspector on a port of loopback.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type InspectorOptions, openInspector, type StreamItem } from '@bulkhead/inspector'
import type { Runtime } from 'bulkhead'
import { onTestFinished } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { type ChildSpec, type Session, World } from '../authority/world.js'

/** Longer than anything takes here. */
export const patienceMs = 40_000

/** Waits for nobody: nobody has approved it. */
export const stranger: ChildSpec = {
  component: guestFile('hello'),
  grants: ['filesystem.read = ["/d/**"]', 'filesystem.write = [{ pattern = "/d/**", optional = true }]'],
  isPinned: false,
}

export type Inspected = {
  readonly world: World
  readonly session: Session
  readonly runtime: Runtime
  readonly url: string
  readonly token: string
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
  readonly json: <Answer>(path: string) => Promise<Answer>
  /** With the token. */
  readonly order: (path: string, body: object, init?: RequestInit) => Promise<Response>
}

/** @param children `stranger` alone, unless said */
export async function inspected(
  children: Readonly<Record<string, ChildSpec>> = { stranger },
  options: InspectorOptions = {},
): Promise<Inspected> {
  const world = new World()
  onTestFinished(() => world.remove())
  world.tree(children)
  const session = await world.start()
  const { runtime } = session
  const inspector = await openInspector(runtime, { listen: '127.0.0.1:0', ...options })
  onTestFinished(() => inspector.close())
  const token = options.token ?? readFileSync(join(world.path('.bulkhead'), 'admin.token'), 'utf8').trim()
  const { url } = inspector
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(new URL(path, url), init)
  return {
    ...{ world, session, runtime, url, token, get },
    json: async <Answer>(path: string) => (await (await get(path)).json()) as Answer,
    order: (path, body, init) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      return get(path, { method: 'POST', body: JSON.stringify(body), headers, ...init })
    },
  }
}

export type StreamMessage = { readonly id: string | undefined; readonly event: string; readonly data: string }

/** Reads messages of a stream until one is wanted; what came until then, that one last. */
export async function messagesUntil(
  response: Response,
  isWanted: (message: StreamMessage) => boolean,
): Promise<readonly StreamMessage[]> {
  const messages: StreamMessage[] = []
  for await (const message of streamOf(response)) {
    messages.push(message)
    if (isWanted(message)) return messages
  }
  throw new Error(`the stream ended with ${JSON.stringify(messages.at(-1))}`)
}

/** The messages of a stream; comments are left out. Leaving the loop ends it. */
export async function* streamOf({ body }: Response): AsyncGenerator<StreamMessage> {
  if (body === null) throw new Error('there is no body')
  let rest = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block
          .split('\n')
          .map((line): [string, string] => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
      )
      const data = fields.get('data')
      if (data !== undefined) yield { id: fields.get('id'), event: fields.get('event') ?? '', data }
    }
  }
}

/** The items of `/api/stream` up to the first that is wanted. */
export async function itemsUntil(
  response: Response,
  isWanted: (item: StreamItem) => boolean,
): Promise<readonly StreamItem[]> {
  const messages = await messagesUntil(response, ({ data }) => isWanted(JSON.parse(data) as StreamItem))
  return messages.map(({ data }) => JSON.parse(data) as StreamItem)
}

export async function until<Value>(
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  what = 'it',
): Promise<Value> {
  const deadlineMs = performance.now() + patienceMs
  while (true) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadlineMs) throw new Error(`${what} did not come about`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

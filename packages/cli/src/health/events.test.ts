import type { HealthStreamItem } from '@bulkhead/admin'
import { BulkheadError, type HealthEvent } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import type { Live } from '../desk/live.js'
import { runLive } from '../live.test.support.js'
import { EventFeed, type FeedItem } from './event-feed.js'
import { typesOf } from './event-types.js'

const id = '00112233aabb'
const began: HealthStreamItem = { kind: 'began', id }

function event(seq: number, more: Partial<HealthEvent> = {}, runtime = id): HealthStreamItem {
  const told: HealthEvent = { seq, time: 34_860_312, type: 'child.ready', supervisor: 'root', child: 'ingest', ...more }
  return { kind: 'event', cursor: `${runtime}-${seq}`, event: told }
}

const missed = (why: 'too-old' | 'too-slow' | 'other-runtime', count: number): HealthStreamItem => {
  return { kind: 'missed', cursor: `${id}-${count}`, from: 1, to: count, count, why }
}

it('prints events as `run` does, and says what was missed', async () => {
  const items = [
    ...[began, missed('too-old', 1), event(2), missed('too-slow', 3), event(6, { reason: 'a\u001b[2Jb' })],
    ...[missed('other-runtime', 0), missed('other-runtime', 2)],
  ]
  const ran = await runLive(['events'], {}, { items })
  expect(ran).toMatchObject({
    code: 0,
    asked: [{ command: 'events', input: { follow: false } }],
    out: '09:41:00.312 child.ready          ingest\n09:41:00.312 child.ready          ingest  a\\x1b[2Jb\n',
  })
  expect(ran.error.split('\n')).toEqual([
    '1 event missed: too old to be kept',
    '3 events missed: they came faster than they were read',
    `another runtime (${id}): what the one before did last is not known`,
    `another runtime (${id}): what the one before did last is not known; 2 events of it missed`,
    '',
  ])
})

it('prints one JSON object a line, or CloudEvents, and not both', async () => {
  const items = [began, missed('too-old', 1), event(2)]
  const { out, error } = await runLive(['events', '--json'], {}, { items })
  expect(lines(out)).toEqual([
    { record: 'missed', cursor: `${id}-1`, from: 1, to: 1, count: 1, why: 'too-old' },
    {
      ...{ record: 'health', cursor: `${id}-2`, seq: 2, time: 34_860_312, type: 'child.ready' },
      ...{ supervisor: 'root', child: 'ingest' },
    },
  ])
  expect(error).toBe('')
  const cloud = await runLive(['events', '--cloudevents'], {}, { items })
  expect(lines(cloud.out)).toMatchObject([{ specversion: '1.0', id: `${id}-2`, source: `urn:bulkhead:${id}` }])
  expect(cloud.error).toContain('1 event missed')
  expect(await runLive(['events', '--json', '--cloudevents'])).toMatchObject({ code: 2, asked: [] })
})

function lines(text: string): readonly unknown[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

it('asks for the types, the child and the place that it is told', async () => {
  const flags = ['--type', 'quota.*', '--type', 'child.ready', '--child', 'ingest', '--after', `${id}-3`]
  expect(await runLive(['events', ...flags], {}, { items: [began] })).toMatchObject({
    ...{ code: 0, out: '' },
    asked: [
      {
        command: 'events',
        input: { types: ['child.ready', 'quota.warning', 'quota.exceeded'], child: 'ingest', after: `${id}-3` },
      },
    ],
  })
  for (const wrong of [
    ['--type', 'nope'],
    ['--type', 'child.*', '--type', 'Child.ready'],
    ['--after', 'now'],
    ['--after', '-3'],
    ['--after', `${id}-`],
    ['--after', `${'a'.repeat(70)}-1`],
  ]) {
    const ran = await runLive(['events', ...wrong], {}, { items: [began] })
    expect([wrong, ran.code, ran.out]).toEqual([wrong, 2, ''])
  }
  expect(typesOf(['*.stopped', 'security.*'])).toHaveLength(6)
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('follows until %s, and says nothing about it', async (signal, code) => {
  const ran = await runLive(
    ['events', '--follow', '--json'],
    {},
    {
      items: [began, event(1), 'silence'],
      onListening: (interrupt) => setTimeout(() => interrupt(signal), 10),
    },
  )
  expect(ran).toMatchObject({ code, error: '', opened: ['/.bulkhead', 'closed'] })
  expect(lines(ran.out)).toHaveLength(1)
})

it('ends when nobody reads its output any more', async () => {
  const setting = {
    items: [began, event(1), 'silence'] as const,
    onReader: (leave: () => void) => setTimeout(leave, 10),
  }
  expect(await runLive(['events', '--follow'], {}, setting)).toMatchObject({ code: 0, error: '' })
})

type Life = readonly (HealthStreamItem | Error)[] | Error

/** Processes one after the other: what each of them says until it ends. */
function livesOf(lives: readonly Life[]) {
  const asked: unknown[] = []
  const left = [...lives]
  let closed = 0
  const open = async (): Promise<Live> => {
    const life = left.shift() ?? gone
    if (life instanceof Error) throw life
    async function* items() {
      for (const item of life as readonly (HealthStreamItem | Error)[]) {
        if (item instanceof Error) throw item
        yield item
      }
    }
    return {
      request: async () => {
        throw new Error('nobody expected to be asked')
      },
      stream: (_command: string, input: unknown) => {
        asked.push(input)
        return items()
      },
      close: async () => {
        closed++
      },
    } as unknown as Live
  }
  return { open, asked, closed: () => closed }
}

const gone = new BulkheadError('runtime-unreachable', 'it closed the connection')

async function taken(feed: EventFeed, count: number): Promise<readonly FeedItem[]> {
  const seen: FeedItem[] = []
  for await (const item of feed.items()) if (seen.push(item) === count) break
  return seen
}

it('goes on with the next process where it was in the one before', async () => {
  const other = 'ffffffffffff'
  const { open, asked, closed } = livesOf([
    [began, event(1), event(2), gone],
    gone,
    [began, event(3)],
    [{ kind: 'began', id: other }, missed('other-runtime', 0), event(1, {}, other)],
  ])
  const feed = new EventFeed(open, { follow: true, child: 'ingest' })
  const seen = await taken(feed, 9)
  expect(seen.map(({ kind }) => kind)).toEqual([
    ...['began', 'event', 'event', 'gone', 'began', 'event', 'gone', 'began', 'missed'],
  ])
  expect(asked).toEqual([
    { follow: true, child: 'ingest' },
    { follow: true, child: 'ingest', after: `${id}-2` },
    { follow: true, child: 'ingest', after: `${id}-3` },
  ])
  expect(closed()).toBe(3)
})

it('knows where it began, also when nothing had happened before the process ended', async () => {
  const { open, asked } = livesOf([[began, gone], [began]])
  await taken(new EventFeed(open, { follow: true }), 3)
  expect(asked).toEqual([{ follow: true }, { follow: true, after: `${id}-0` }])
})

it('waits for no process that never was, and for none that it does not follow', async () => {
  const never = new EventFeed(livesOf([gone]).open, { follow: true })
  await expect(taken(never, 1)).rejects.toBe(gone)
  const unfollowed = new EventFeed(livesOf([[began, gone]]).open, { follow: false })
  await expect(taken(unfollowed, 9)).rejects.toBe(gone)
  const refused = new BulkheadError('usage', 'it knows no such command')
  const other = new EventFeed(livesOf([[refused]]).open, { follow: true })
  await expect(taken(other, 9)).rejects.toBe(refused)
  const insecure = new EventFeed(livesOf([[began], refused]).open, { follow: true })
  await expect(taken(insecure, 9)).rejects.toBe(refused)
})

it('is left while it waits for a process', async () => {
  const feed = new EventFeed(livesOf([[began]]).open, { follow: true })
  const seen: string[] = []
  for await (const { kind } of feed.items()) {
    seen.push(kind)
    if (kind === 'gone') setTimeout(() => feed.leave(), 20)
  }
  expect(seen).toEqual(['began', 'gone'])
})

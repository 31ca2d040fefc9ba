import { expect, it } from 'vitest'
import { prometheusName, prometheusText } from './prometheus-text.js'

type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }

/** Reads text format 0.0.4 by its own grammar; whatever is not of it is an error. */
function parsed(text: string): { readonly samples: readonly Sample[]; readonly types: ReadonlyMap<string, string> } {
  const types = new Map<string, string>()
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)$/.exec(line)
    if (type !== null) types.set(type[1] ?? '', type[2] ?? '')
    else if (!/^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* /.test(line)) samples.push(sampleIn(line))
  }
  return { samples, types }
}

function sampleIn(line: string): Sample {
  const head = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0]
  if (head === undefined) throw new Error(`not a line of the format: ${line}`)
  let at = head.length
  const labels: Record<string, string> = {}
  if (line[at] === '{') {
    at += 1
    while (line[at] !== '}') {
      const name = /^[a-zA-Z_][a-zA-Z0-9_]*="/.exec(line.slice(at))?.[0]
      if (name === undefined) throw new Error(`not a label: ${line.slice(at)}`)
      at += name.length
      let value = ''
      while (line[at] !== '"') {
        if (at >= line.length) throw new Error(`a label does not end: ${line}`)
        const isEscape = line[at] === '\\'
        if (isEscape) at += 1
        value += isEscape && line[at] === 'n' ? '\n' : line[at]
        at += 1
      }
      labels[name.slice(0, -2)] = value
      at += 1
      if (line[at] === ',') at += 1
    }
    at += 1
  }
  const value = / (NaN|[+-]Inf|[-+0-9.e]+)$/.exec(line.slice(at))
  if (value === null || value.index !== 0) throw new Error(`not a value: ${line.slice(at)}`)
  return { name: head, labels, value: Number(value[1]?.replace('Inf', 'Infinity')) }
}

it('writes what another parser reads as the same', async () => {
  const text = await prometheusText({
    families: [
      {
        ...{ name: 'bulkhead.permission.checks', unit: '{check}', type: 'counter', help: 'checks' },
        samples: [
          { labels: { child: 'a', verdict: 'granted' }, value: 3 },
          { labels: { child: 'tenant/b', verdict: 'denied' }, value: 0 },
        ],
      },
      { name: 'bulkhead.memory', unit: 'By', type: 'gauge', help: 'memory', samples: [{ labels: {}, value: 1.5e12 }] },
      {
        name: 'bulkhead.lag',
        unit: 's',
        type: 'gauge',
        help: 'lag',
        samples: [{ labels: {}, value: Number.POSITIVE_INFINITY }],
      },
      { name: 'bulkhead.idle', unit: '1', type: 'gauge', help: 'nobody', samples: [] },
    ],
  })
  const { samples, types } = parsed(text)
  expect(samples).toEqual([
    { name: 'bulkhead_permission_checks_total', labels: { child: 'a', verdict: 'granted' }, value: 3 },
    { name: 'bulkhead_permission_checks_total', labels: { child: 'tenant/b', verdict: 'denied' }, value: 0 },
    { name: 'bulkhead_memory_bytes', labels: {}, value: 1.5e12 },
    { name: 'bulkhead_lag_seconds', labels: {}, value: Number.POSITIVE_INFINITY },
  ])
  expect(types.get('bulkhead_permission_checks_total')).toBe('counter')
  expect(types.get('bulkhead_memory_bytes')).toBe('gauge')
})

it('lets no label and no help begin a line of its own, or end itself', async () => {
  const hostile = [
    'a"} 1\nbulkhead_forged_total{x="',
    'a\\',
    'a\\"b',
    '\r\nforged 1',
    '\u2028forged',
    '\u001b[2J<img onerror=x>',
    'a"',
  ]
  const text = await prometheusText({
    families: hostile.map((word, index) => ({
      ...{ name: `bulkhead.f${index}`, unit: '{x}', type: 'gauge', help: `help ${word}` },
      samples: [{ labels: { child: word }, value: index }],
    })),
  })
  const { samples } = parsed(text)
  expect(samples.map(({ name }) => name)).toEqual(hostile.map((_, index) => `bulkhead_f${index}`))
  expect(samples.map(({ labels }) => labels['child'])).toEqual([
    'a"} 1\\u{a}bulkhead_forged_total{x="',
    'a\\',
    'a\\"b',
    '\\u{d}\\u{a}forged 1',
    '\\u{2028}forged',
    '\\u{1b}[2J<img onerror=x>',
    'a"',
  ])
})

it('names families with their unit, and counters as such', () => {
  const names = [
    ['bulkhead.child.cpu', 's', 'counter'],
    ['bulkhead.mailbox.dead-letters', '{message}', 'counter'],
    ['bulkhead.quota.use', '1', 'gauge'],
    ['bulkhead.child.memory.limit', 'By', 'gauge'],
  ] as const
  expect(names.map(([name, unit, type]) => prometheusName({ name, unit, type }))).toEqual([
    'bulkhead_child_cpu_seconds_total',
    'bulkhead_mailbox_dead_letters_total',
    'bulkhead_quota_use',
    'bulkhead_child_memory_limit_bytes',
  ])
})

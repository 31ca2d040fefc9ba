import { readFileSync } from 'node:fs'
import { metricFamilies } from 'bulkhead'
import { expect, it } from 'vitest'

const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')

it('docs/metrics.md has every family, and says of each what the code says', () => {
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| `bulkhead.'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  const told = rows.map(([, name, type, unit, labels, help]) => ({ name, type, unit, labels, help }))
  const code = (word: string): string => `\`${word}\``
  expect(told).toEqual(
    metricFamilies.map(({ name, type, unit, labels, help }) => ({
      ...{ name: code(name), type, unit: code(unit), help },
      labels: labels.map(code).join(', '),
    })),
  )
})

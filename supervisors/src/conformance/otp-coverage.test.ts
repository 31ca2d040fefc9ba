import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

// OTP 27.3 supervisor_SUITE has 91 cases. Each has a test in the files beside this one, whose name begins with the case's
// number and name, or stands in this table with the reason why there is nothing here that it could be about.
//
//  2  sup_start_ignore_init: a supervisor is a plan here, not a callback; a plan cannot decline to be one.
// 25  extra_return: a run says that it is ready, and nothing else; what a caller wants to know it reads from the view.
// 30  external_start_no_progress_log: events have types, not log levels; whoever prints them chooses which.
// 38  simple_one_for_one_extra: as 25; its restarts are those of 36.
// 61  get_callback_module: there is no callback module.

const folder = new URL('./', import.meta.url)

function sourceOf(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8')
}

/** Numbers of cases that test names, and the tables behind `it.each`, begin with. */
function numbersIn(source: string): number[] {
  const found: number[] = []
  for (const [, head = ''] of source.matchAll(/['"`]((?:\d{1,2}\.(?:–\d{1,2}\.)? )+)(?=[a-z])/g)) {
    for (const [, first, last] of head.matchAll(/(\d{1,2})\.(?:–(\d{1,2})\.)?/g)) {
      for (let number = Number(first); number <= Number(last ?? first); number++) found.push(number)
    }
  }
  return found
}

it('every case is a test, or is said not to apply', () => {
  const files = readdirSync(folder).filter((file) => /^otp-.*\.test\.ts$/.test(file) && file !== 'otp-coverage.test.ts')
  const tested = new Set(files.flatMap((file) => numbersIn(sourceOf(file))))
  const table = sourceOf('otp-coverage.test.ts').matchAll(/^\/\/ {1,2}(\d{1,2}) {2}\w+: ./gm)
  const excused = [...table].map(([, number]) => Number(number))
  const all = Array.from({ length: 91 }, (_, index) => index + 1)
  expect(excused.filter((number) => tested.has(number))).toEqual([])
  expect(all.filter((number) => !tested.has(number) && !excused.includes(number))).toEqual([])
  expect([...tested, ...excused].filter((number) => !all.includes(number))).toEqual([])
})

it('the guide says which are checked on real threads, and which nowhere', () => {
  const rows = [...sourceOf('../../../docs/supervision.md').matchAll(/^\| ([\d, ]+?) +\| (there|nowhere)/gm)]
  const listed = (where: string) => rows.filter((row) => row[2] === where).flatMap(([, list = '']) => list.split(', '))
  const real = numbersIn(sourceOf('../../../test/end-to-end/supervision/real-deaths.test.ts'))
  const table = sourceOf('otp-coverage.test.ts').matchAll(/^\/\/ {1,2}(\d{1,2}) {2}\w+: ./gm)
  expect(ascending(listed('there').map(Number))).toEqual(ascending([...new Set(real)]))
  expect(ascending(listed('nowhere').map(Number))).toEqual(ascending([...table].map(([, number]) => Number(number))))
})

function ascending(numbers: readonly number[]): readonly number[] {
  return [...numbers].sort((a, b) => a - b)
}

it('no test beside this one is skipped', () => {
  for (const file of readdirSync(folder)) {
    if (file !== 'otp-coverage.test.ts') expect(sourceOf(file)).not.toMatch(/\.(skip|todo|only)\b/)
  }
})

import { afterEach, expect, it } from 'vitest'
import { cleanUp, type Setup, TestGuest } from '../guest.test-support.js'

afterEach(cleanUp)

const configuration = [
  ['region', 'eu'],
  ['db.pool', '4'],
] as const
const secrets = [['API_KEY', 'hunter2-hunter2']] as const

function guestWith(allow: Setup['allow']): TestGuest {
  return new TestGuest({ ...(allow === undefined ? {} : { allow }), configuration, powers: { secrets } })
}

it.each(['store', 'runtime'])('wasi:config/%s gives what was granted by name, and lists no secret', (name) => {
  const guest = guestWith(['env *'])
  const get = (key: string) => guest.call(`wasi:config/${name}`, 'get', key)
  expect([get('region'), get('db.pool'), get('API_KEY'), get('else')]).toEqual([
    'eu',
    '4',
    'hunter2-hunter2',
    undefined,
  ])
  expect(guest.call(`wasi:config/${name}`, 'getAll')).toEqual(configuration)
  expect(guest.denials()).toEqual([])
  expect(new Set(guest.grants())).toEqual(new Set(['read region', 'read db.pool', 'read API_KEY']))
  guest.host.flush()
  expect(JSON.stringify(guest.records, (_key, value) => (typeof value === 'bigint' ? 0 : value))).not.toContain(
    'hunter2',
  )
})

it('what was not granted is as if it were not there, and on record', () => {
  const guest = guestWith(['env region'])
  const get = (key: string) => guest.call('wasi:config/store', 'get', key)
  expect([get('region'), get('API_KEY'), get('db.pool'), get('else')]).toEqual(['eu', undefined, undefined, undefined])
  expect(guest.call('wasi:config/store', 'getAll')).toEqual([['region', 'eu']])
  expect(new Set(guest.denials())).toEqual(new Set(['read API_KEY', 'read db.pool']))
})

it('a right that was taken away ends with the next look', () => {
  const guest = guestWith(['env *'])
  guest.publish({ allow: [] }, 2)
  expect(guest.call('wasi:config/store', 'get', 'API_KEY')).toBeUndefined()
})

import { expect, it } from 'vitest'
import { type Access, type Authority, refusalFor } from './authority.js'

const token = '0123456789abcdef'
const open: Authority = { hosts: new Set(['ops.example.com']), token, isOpen: true }
const closed: Authority = { ...open, isOpen: false }
const accesses: readonly Access[] = ['page', 'probe', 'read', 'write']

/** The status of a refusal for each access, in the order of {@link accesses}; 0 where there is none. */
function statuses(fields: Readonly<Record<string, string>>, authority = open): readonly number[] {
  const headers = new Headers({ host: 'localhost', ...fields })
  return accesses.map((access) => refusalFor(headers, access, authority)?.status ?? 0)
}

it('lets look who reaches an open one, and wants the token for more', () => {
  expect(statuses({})).toEqual([0, 0, 0, 401])
  expect(statuses({}, closed)).toEqual([0, 0, 401, 401])
  expect(statuses({ authorization: `Bearer ${token}` }, closed)).toEqual([0, 0, 0, 0])
  expect(statuses({ authorization: `bearer   ${token}` })).toEqual([0, 0, 0, 0])
  expect(statuses({ authorization: `Bearer ${token}` }, { ...closed, token: undefined })).toEqual([0, 0, 401, 401])
})

it('is asked by an address, by `localhost`, or by a name that it was given', () => {
  for (const host of ['127.0.0.1', '192.0.2.7:7070', '[::1]:7070', 'LOCALHOST.', 'ops.example.com:443'])
    expect(statuses({ host }), host).toEqual([0, 0, 0, 401])
  for (const host of ['example.com', 'a.ops.example.com', 'localhost.example.com', '::1', '[::g]', '1.2.3', ''])
    expect(statuses({ host }), host).toEqual([421, 421, 421, 421])
})

it('is asked by its own page, by a link to the page, and by who is no browser', () => {
  expect(statuses({ 'sec-fetch-site': 'none' })).toEqual([0, 0, 0, 401])
  expect(statuses({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost' })).toEqual([0, 0, 0, 401])
  expect(statuses({ 'sec-fetch-site': 'cross-site' })).toEqual([0, 403, 403, 403])
  expect(statuses({ 'sec-fetch-site': 'same-site' })).toEqual([0, 403, 403, 403])
  expect(statuses({ origin: 'http://example.com' })).toEqual([403, 403, 403, 403])
  expect(statuses({ origin: 'null' })).toEqual([403, 403, 403, 403])
  // TLS ends in front of it; browsers leave the port of a scheme out.
  expect(statuses({ host: 'ops.example.com:443', origin: 'https://ops.example.com' })).toEqual([0, 0, 0, 401])
  expect(statuses({ host: 'ops.example.com:8443', origin: 'https://ops.example.com' })).toEqual([403, 403, 403, 403])
})

import { describe, expect, it } from 'vitest'
import { nearestNameCharactersMax } from './limits.js'
import { nearestName } from './nearest-name.js'

const kinds = ['filesystem', 'network', 'storage']

describe('nearestName', () => {
  it.each([
    ['filesytem', 'filesystem'],
    ['flie-system', 'filesystem'],
    ['Network', 'network'],
    ['netwrok', 'network'],
    ['storag', 'storage'],
  ])('`%s` is near `%s`', (word, name) => {
    expect(nearestName(word, kinds)).toBe(name)
  })

  it('says nothing when nothing is near', () => {
    expect(nearestName('colour', kinds)).toBeUndefined()
    expect(nearestName('', kinds)).toBeUndefined()
    expect(nearestName('x', ['a'])).toBeUndefined()
    expect(nearestName('filesytem', [])).toBeUndefined()
  })

  it('prefers the nearest, and of equals the first', () => {
    expect(nearestName('reads', ['red', 'read', 'ready'])).toBe('read')
    expect(nearestName('abd', ['abc', 'abe'])).toBe('abc')
  })

  it('does not compare words beyond its bound', () => {
    const long = 'a'.repeat(nearestNameCharactersMax)
    expect(nearestName(long, [long])).toBe(long)
    expect(nearestName(`${long}a`, [long])).toBeUndefined()
  })
})

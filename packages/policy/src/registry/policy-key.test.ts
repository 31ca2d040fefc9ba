import { describe, expect, it } from 'vitest'
import { checkPolicyKey, childPolicyKey, defaultPolicyKey } from './policy-key.js'

describe('names of policies', () => {
  it.each(['child:', 'child:Ingest', 'child:a/b/c', 'child:a:b', 'default:daemon', 'default:actor:x', 'ingest', ''])(
    'refuse `%s`',
    (key) => expect(() => checkPolicyKey(key)).toThrow(expect.objectContaining({ code: 'usage' })),
  )

  it.each(['child:ingest', 'child:acme/ingest', 'default:service'])('take `%s`', (key) => {
    expect(checkPolicyKey(key)).toBe(key)
  })

  it('refuse what is no child and no kind', () => {
    expect(() => childPolicyKey('../x')).toThrow(expect.objectContaining({ code: 'component-rejected-name' }))
    expect(() => defaultPolicyKey('daemon')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('actor | command | service | library') }),
    )
  })
})

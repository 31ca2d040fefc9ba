import { parseWit } from '@bulkhead/contracts'
import { describe, expect, test } from 'vitest'
import { build, worldComponent } from './wat.test-support.js'

const wit = 'interface contacts { find: func(query: string, most: u16) -> result<list<string>, string>; }'
const contacts = parseWit('acme:crm/contacts@1.2.0', wit)

/** A component that imports the interface as it is written here. */
const importing = (body: string, version = '1.2.0'): Promise<Uint8Array> =>
  worldComponent(
    `import acme:crm/contacts@${version};`,
    `package acme:crm@${version} { interface contacts { ${body} } }`,
  )
const find = 'find: func(query: string, most: u16) -> result<list<string>, string>;'

describe('a component that imports an interface of the host application', () => {
  test('is built where the interface is offered, and nowhere else', async () => {
    const bytes = await importing(find)
    const { facts } = await build(bytes, { interfaces: [contacts] })
    expect(facts.imports).toEqual(['acme:crm/contacts@1.2.0'])
    await expect(build(bytes)).rejects.toMatchObject({ code: 'component-import-unknown' })
  })

  test.each([
    ['1.0.0', undefined],
    ['1.9.3', undefined],
    ['2.0.0', 'component-import-unknown'],
    ['0.1.0', 'component-import-unknown'],
  ])('may have been built for a version that goes with it: %s', async (version, code) => {
    const built = build(await importing(find, version), { interfaces: [contacts] })
    if (code === undefined) expect((await built).facts.imports).toEqual([`acme:crm/contacts@${version}`])
    else await expect(built).rejects.toMatchObject({ code })
  })

  test('is refused with the function whose types are others', async () => {
    const bytes = await importing('find: func(query: string, most: u32) -> result<list<string>, string>;')
    await expect(build(bytes, { interfaces: [contacts] })).rejects.toMatchObject({
      code: 'component-import-type-mismatch',
      message: expect.stringContaining('acme:crm/contacts@1.2.0 find: parameter `most` is u32, expected u16'),
      hint: 'build it with the WIT that the host application offers now',
    })
  })

  test('is refused with the function that is not offered', async () => {
    const bytes = await importing(`${find} wipe: func();`)
    await expect(build(bytes, { interfaces: [contacts] })).rejects.toMatchObject({
      code: 'component-import-unknown',
      message: expect.stringContaining('`acme:crm/contacts@1.2.0 wipe`'),
    })
  })
})

// What the browser is given: small, and without a way from text to markup.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { root } from '../command.js'

const built = join(root, 'packages/inspector/dist/page')
const source = join(root, 'packages/inspector/page')
const budgetBytes = 60 * 1024

describe('what was built', () => {
  it('is an HTML file that names the others, which have a hash in their names', () => {
    const html = readFileSync(join(built, 'index.html'), 'utf8')
    const others = readdirSync(built).filter((name) => /\.(js|css)$/.test(name))
    expect(others.map((name) => name.replace(/-[A-Z0-9]{8}\./, '-HASH.')).sort()).toEqual([
      'page-HASH.js',
      'style-HASH.css',
    ])
    for (const name of others) expect(html).toContain(`"${name}"`)
  })

  it('says whose work is in it', () => {
    const licences = readFileSync(join(built, 'LICENSES.txt'), 'utf8')
    expect(licences).toMatch(/preact\n\nThe MIT License[\s\S]*uplot\n\nThe MIT License/)
  })

  it('is at most 60 KiB, compressed', () => {
    const served = readdirSync(built).filter((name) => name !== 'LICENSES.txt')
    const bytes = served.map((name) => gzipSync(readFileSync(join(built, name))).length)
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(budgetBytes)
  })

  it('names no other host', () => {
    const text = readdirSync(built)
      .filter((name) => name !== 'LICENSES.txt')
      .map((name) => readFileSync(join(built, name), 'utf8'))
    const addresses = text.join('\n').match(/https?:\/\/[a-z0-9.]+/g) ?? []
    // Names of XML name spaces are no addresses: nobody goes there.
    expect([...new Set(addresses)].filter((one) => one !== 'http://www.w3.org')).toEqual([])
  })
})

describe('text stays text', () => {
  const sinks =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|createContextualFragment/g

  it('in every source of the page', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(tsx?|html)$/.test(name),
    )
    expect(files.length).toBeGreaterThan(20)
    for (const name of files) {
      const text = readFileSync(join(source, name), 'utf8')
      expect(text.match(/innerHTML|dangerously|style=/i) ?? text.match(sinks), name).toBe(null)
    }
  })

  it('in the bundle: what stands in it for `dangerouslySetInnerHTML` is of the library, and nothing calls it', () => {
    const name = readdirSync(built).find((one) => one.endsWith('.js')) ?? ''
    const bundle = readFileSync(join(built, name), 'utf8')
    const library = readFileSync(join(root, 'node_modules/preact/dist/preact.mjs'), 'utf8')
    expect(bundle.match(sinks)?.sort()).toEqual(library.match(sinks)?.sort())
    // Once, where the library looks for it among properties.
    expect(bundle.match(/dangerouslySetInnerHTML/g)?.length).toBe(library.match(/dangerouslySetInnerHTML/g)?.length)
  })
})

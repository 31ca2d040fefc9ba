// Builds the live page into dist/page: names with a hash, so that a browser keeps what does not change for ever.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const source = fileURLToPath(new URL('page/', import.meta.url))
const target = fileURLToPath(new URL('dist/page/', import.meta.url))

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
const { metafile } = await build({
  entryPoints: { page: `${source}main.tsx`, style: `${source}page.css` },
  outdir: target,
  absWorkingDir: source,
  tsconfig: `${source}tsconfig.json`,
  entryNames: '[name]-[hash]',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  minify: true,
  metafile: true,
  logLevel: 'warning',
})

const built = Object.keys(metafile.outputs).map((path) => basename(path))
const named = (ending) => {
  const name = built.find((one) => one.endsWith(ending))
  if (name === undefined) throw new Error(`nothing was built that ends in ${ending}`)
  return name
}
// What of others is in it, as their licences want it said.
const libraries = ['preact', 'uplot']
const licences = await Promise.all(
  libraries.map(async (name) => {
    const home = new URL('./', import.meta.resolve(`${name}/package.json`))
    return `${name}\n\n${await readFile(new URL('LICENSE', home), 'utf8')}`
  }),
)
await writeFile(`${target}LICENSES.txt`, licences.join('\n'))

const html = await readFile(`${source}index.html`, 'utf8')
await writeFile(`${target}index.html`, html.replace('page.js', named('.js')).replace('page.css', named('.css')))

// `npm run api-reference`: writes docs/reference/api from the docstrings of what is exported to users. It reads the built
// declarations, so build first. A test compares what it would write with what is there.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { Application } from 'typedoc'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What has a page: file name, package, entry. */
export const pages = [
  { page: 'bulkhead', title: 'bulkhead', entry: 'packages/bulkhead/dist/index.d.ts' },
  { page: 'inspector', title: '@bulkhead/inspector', entry: 'packages/inspector/dist/index.d.ts' },
]

export const directory = join(root, 'docs/reference/api')

/** @param {(typeof pages)[number]} page @returns {Promise<string>} the page as it should be. */
export async function pageText({ page, title, entry }) {
  const out = mkdtempSync(join(tmpdir(), 'bulkhead-api-'))
  try {
    const options = {
      entryPoints: [join(root, entry)],
      tsconfig: fileURLToPath(new URL('./tsconfig.json', import.meta.url)),
      plugin: ['typedoc-plugin-markdown'],
      name: title,
      outputs: [{ name: 'markdown', path: out }],
      readme: 'none',
      disableSources: true,
      disableGit: true,
      excludeExternals: true,
      excludePrivate: true,
      skipErrorChecking: true,
      // Their names are said; what they are is said where they are exported.
      validation: { notExported: false, invalidLink: false },
      logLevel: /** @type {const} */ ('Error'),
      outputFileStrategy: 'modules',
      entryFileName: page,
      useHTMLAnchors: true,
      hidePageHeader: true,
      hideBreadcrumbs: true,
      parametersFormat: 'table',
      propertiesFormat: 'table',
      typeDeclarationFormat: 'table',
    }
    const app = await Application.bootstrapWithPlugins(options)
    const project = await app.convert()
    if (project === undefined) throw new Error(`typedoc cannot read ${entry}`)
    await app.generateOutputs(project)
    return readFileSync(join(out, `${page}.md`), 'utf8')
  } finally {
    rmSync(out, { recursive: true })
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(directory, { recursive: true })
  for (const page of pages) writeFileSync(join(directory, `${page.page}.md`), await pageText(page))
}

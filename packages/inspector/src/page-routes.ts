import type { Hono } from 'hono'
import type { Inspected } from './inspector-app.js'
import type { PageFile } from './page-files.js'
import { refused } from './refusal.js'

/** The page, and its files by exactly their names. */
export function pageRoutes(app: Hono, { page }: Inspected): void {
  const index = page.get('index.html')
  app.get('/', () => (index === undefined ? refused(unbuilt) : fileAnswer(index)))
  for (const [name, file] of page) app.get(`/${name}`, () => fileAnswer(file))
}

const unbuilt = { status: 404, code: 'page-missing', message: 'the page was not built', hint: 'npm run build' }

/** What has its hash in its name never changes. */
function fileAnswer({ bytes, type, isHashed }: PageFile): Response {
  const cache = isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
  return new Response(bytes, { headers: { 'content-type': type, 'cache-control': cache } })
}

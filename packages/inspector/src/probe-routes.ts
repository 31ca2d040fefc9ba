import type { Hono } from 'hono'
import type { Inspected } from './inspector-app.js'
import { reasonShownCharactersMax } from './limits.js'
import { oneLine } from './one-line.js'

/** What an orchestrator asks: whether it makes progress, whether it has taken up its work, and how it stands. */
export function probeRoutes(app: Hono, { runtime }: Inspected): void {
  app.get('/livez', () => answer(({ live }) => live))
  app.get('/readyz', () => answer(({ ready }) => ready))
  app.get('/healthz', async () => {
    // Looked for once in a process; then the report has them.
    await runtime.walls()
    const report = runtime.health()
    return Response.json(report, { status: report.status === 'failed' ? 503 : 200 })
  })

  function answer(isWell: (report: ReturnType<typeof runtime.health>) => boolean): Response {
    const report = runtime.health()
    if (isWell(report)) return new Response('ok\n', { headers: text })
    const lines = report.reasons.map((reason) => `${oneLine(reason, reasonShownCharactersMax)}\n`)
    return new Response(lines.join(''), { status: 503, headers: text })
  }
}

const text = { 'content-type': 'text/plain; charset=utf-8' }

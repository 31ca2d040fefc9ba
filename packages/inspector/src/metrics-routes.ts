import type { Hono } from 'hono'
import type { Inspected } from './inspector-app.js'
import { prometheusText, prometheusType } from './prometheus-text.js'

/** The numbers, computed when somebody asks for them: who asks while they are computed gets the same. */
export function metricsRoutes(app: Hono, { runtime }: Inspected): void {
  let underWay: Promise<string> | undefined
  const compute = async (): Promise<string> => {
    try {
      return await prometheusText(runtime.metrics())
    } finally {
      underWay = undefined
    }
  }
  app.get('/metrics', async () => {
    underWay ??= compute()
    return new Response(await underWay, { headers: { 'content-type': prometheusType } })
  })
}

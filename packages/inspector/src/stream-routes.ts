import { BulkheadError } from 'bulkhead'
import type { Context, Hono } from 'hono'
import { healthFeed } from './health-feed.js'
import type { Inspected } from './inspector-app.js'
import { PageFeed } from './page-feed.js'

/** What happens while it happens. */
export function streamRoutes(app: Hono, { runtime, board, streams, source }: Inspected): void {
  app.get('/events', (context) =>
    streams.answer(context.req.method, (signal) => healthFeed(runtime, cursorIn(context), signal, source)),
  )
  app.get('/api/stream', (context) =>
    streams.answer(context.req.method, (signal) => new PageFeed(runtime, board, cursorIn(context), signal)),
  )
}

/**
 * A browser that comes back says where it was; who comes for the first time may say it in the query. Nothing else is there
 * to be asked for: who asks for some types only, and is given all, would not notice.
 */
function cursorIn({ req }: Context): string | undefined {
  const unknown = Object.keys(req.query()).find((key) => key !== 'after')
  if (unknown !== undefined) {
    throw new BulkheadError('usage', `the query has no key \`${unknown}\``, {
      hint: 'the one it has is `after=CURSOR`',
    })
  }
  return req.header('last-event-id') || req.query('after') || undefined
}

import type { Context } from 'hono'

/** The child that a path names: `NAME`, or `TENANT/NAME`. */
export function childOf({ req }: Context): string {
  const { tenant, name = '' } = req.param()
  return tenant === undefined ? name : `${tenant}/${name}`
}

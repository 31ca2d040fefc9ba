/** `method` and `scheme` of `wasi:http/types`, as the glue carries them. */
export type Method = { readonly tag: string; readonly val?: string }
export type Scheme =
  | { readonly tag: 'HTTP' }
  | { readonly tag: 'HTTPS' }
  | { readonly tag: 'other'; readonly val: string }

const methods: ReadonlySet<string> = new Set([
  ...['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'],
])

/** `GET` for `get`; of others what the guest wrote, as methods have case. */
export function methodText({ tag, val }: Method): string {
  return val ?? tag.toUpperCase()
}

export function methodOf(text: string): Method {
  const tag = text.toLowerCase()
  return text === tag.toUpperCase() && methods.has(tag) ? { tag } : { tag: 'other', val: text }
}

export function schemeOf(text: 'http' | 'https'): Scheme {
  return { tag: text === 'http' ? 'HTTP' : 'HTTPS' }
}

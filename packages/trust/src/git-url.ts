import { urlCharactersMax } from './limits.js'

// One repository has many spellings, and a pattern should not have to know them. What could be read in two ways (user
// names and passwords, percent escapes, `..`, queries) is refused, never interpreted.

const URL_FORM = /^(https|ssh|git\+https|git\+ssh):\/\/(?:(git)@)?([a-z0-9.-]+)(?::([0-9]{1,5}))?\/(.+)$/i
const SCP_FORM = /^git@([a-z0-9.-]+):([^/].*)$/i
const HOST = /^(?!-)[a-z0-9-]+(?:\.(?!-)[a-z0-9-]+)*$/
const SEGMENT = /^[A-Za-z0-9._~+@-]+$/
const defaultPorts: Readonly<Record<string, string>> = { https: '443', ssh: '22' }

/**
 * The one spelling of a repository's URL that patterns are matched against: `https://host/path`, without `.git`, default
 * port or trailing slash, the host in lower case. A port that is not the scheme's own stays, with its scheme.
 *
 * @returns `undefined` for what is not the URL of a repository, or could mean two things
 * @example
 * ```ts
 * gitUrl('git@GitHub.com:myorg/app.git') // 'https://github.com/myorg/app'
 * gitUrl('https://token@github.com/myorg/app') // undefined
 * ```
 */
export function gitUrl(text: string): string | undefined {
  if (text.length > urlCharactersMax) return undefined
  const parts = partsOf(text)
  if (parts === undefined || !HOST.test(parts.host)) return undefined
  const path = parts.path.replace(/\/$/, '').replace(/\.git$/, '')
  const segments = path.split('/')
  if (!segments.every((segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..')) return undefined
  const isDefault = parts.port === undefined || parts.port === defaultPorts[parts.scheme]
  const authority = isDefault ? `https://${parts.host}` : `${parts.scheme}://${parts.host}:${parts.port}`
  return `${authority}/${segments.join('/')}`
}

type Parts = {
  readonly scheme: string
  readonly host: string
  readonly port: string | undefined
  readonly path: string
}

function partsOf(text: string): Parts | undefined {
  const scp = SCP_FORM.exec(text)
  if (scp !== null) return { scheme: 'ssh', host: (scp[1] ?? '').toLowerCase(), port: undefined, path: scp[2] ?? '' }
  const url = URL_FORM.exec(text)
  if (url === null) return undefined
  const scheme = (url[1] ?? '').toLowerCase().replace('git+', '')
  // Over https a user name is a credential, or an attempt to look like another host.
  if (scheme === 'https' && url[2] !== undefined) return undefined
  return { scheme, host: (url[3] ?? '').toLowerCase(), port: url[4], path: url[5] ?? '' }
}

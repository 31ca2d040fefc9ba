import { tokenCharactersMax } from '../model/limits.js'

const key = 'bulkhead-token'

/** The operator's token: in memory and for this tab, never in the address for longer than it takes to read it. */
export class TokenKeeper {
  #token: string | undefined

  constructor() {
    this.keep(tokenInAddress() ?? sessionStorage.getItem(key) ?? '')
  }

  get token(): string | undefined {
    return this.#token
  }

  /** @returns whether it can be a token: a header takes no other characters */
  keep(token: string): boolean {
    if (!/^[\x21-\x7e]+$/.test(token) || token.length > tokenCharactersMax) return false
    this.#token = token
    sessionStorage.setItem(key, token)
    return true
  }

  forget(): void {
    this.#token = undefined
    sessionStorage.removeItem(key)
  }

  headers(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }
  }
}

/** `#token=…`; a fragment is never sent to a server. It leaves the address and the tab's history at once. */
function tokenInAddress(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return undefined
  history.replaceState(null, '', location.pathname)
  return token
}

// What a header field of HTTP can be (RFC 9110), and which ones are nobody's to set but those who speak for a connection.

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
/** Fields that say how a connection is used, or to whom. */
const ofConnections =
  /^(?:host|connection|transfer-encoding|upgrade|keep-alive|expect|te|trailer|http2-settings|proxy-.*)$/i

export function isFieldName(name: string): boolean {
  return token.test(name)
}

/** Whether the text, as Latin-1, can stand behind a name: it has no control characters but tabs. */
export function isFieldValue(value: string): boolean {
  return fieldValue.test(value)
}

/** Whether the field belongs to a connection: not a component's to set, nor anybody's but its two ends' to read. */
export function isForbiddenField(name: string): boolean {
  return ofConnections.test(name)
}

/** Whether a host may add such a field to a request: one that is not of the connection, nor the length of its body. */
export function isAddableField(name: string): boolean {
  return isFieldName(name) && !isForbiddenField(name) && name.toLowerCase() !== 'content-length'
}

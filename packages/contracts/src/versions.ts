/** Whether an interface of this version is one of those that are not finished: `0.2.0-draft`. */
export function isDraft(version: string): boolean {
  return version.includes('-')
}

/**
 * Whether a component that was built for one version can be given another one. Below 1.0 each minor version stands for
 * itself, from 1.0 on each major one, and within it each release only added to the one before. A draft goes with drafts of
 * the same release and with what came of it: what differs between those is seen by comparing their types.
 */
export function isCompatible(imported: string | undefined, offered: string): boolean {
  // The first drafts had no version at all.
  if (imported === undefined) return isDraft(offered)
  const found = /^(0\.\d{1,4}|[1-9]\d{0,4}(?=\.\d{1,4}))((?:\.\d{1,4}){1,2})(-[\w.-]{1,40})?$/.exec(imported)
  const own = /^(0\.\d+|[1-9]\d*)((?:\.\d+){1,2})/.exec(offered)
  if (found === null || own === null || found[1] !== own[1]) return false
  return found[3] === undefined || (isDraft(offered) && found[2] === own[2])
}

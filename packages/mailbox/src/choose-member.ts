/**
 * The member of a pool that gets the next message: of two taken at random the one with less to do. Two choices keep the
 * longest queue near the average, where one choice does not, and asking all of them would cost more than it brings.
 *
 * @param members at least one.
 * @param depthOf how many messages of this sender wait there. Lanes are visited in turn, so that, and not what others
 * have sent, is what the next message has to wait for; and nobody else can falsify it.
 * @param random uniform in [0, 1).
 */
export function chooseMember(
  members: readonly number[],
  depthOf: (member: number) => number,
  random: () => number,
): number | undefined {
  if (members.length <= 1) return members[0]
  const first = Math.floor(random() * members.length)
  const step = 1 + Math.floor(random() * (members.length - 1))
  const one = members[first] ?? 0
  const other = members[(first + step) % members.length] ?? 0
  return depthOf(other) < depthOf(one) ? other : one
}

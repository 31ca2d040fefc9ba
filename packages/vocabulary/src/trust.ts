/** How far a component is trusted (SPEC 6). Determined again at every start; it goes down by itself, up only by install. */
export const trustLevels = ['trusted', 'unknown', 'dev-mode'] as const
export type TrustLevel = (typeof trustLevels)[number]

/** Where the question whether a component may run stands (SPEC 6). */
export const approvalStates = ['pending', 'reviewing', 'approved', 'denied', 'auto-approved', 'bypassed'] as const
export type ApprovalState = (typeof approvalStates)[number]

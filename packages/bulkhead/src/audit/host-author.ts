/** Who an act is by that a host application does without saying whose it is. */
export const hostAuthor = 'host application'

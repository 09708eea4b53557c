// The text of /etc/hosts and of sysctl.d files without khactl's marks in them.

/** Without khactl's block, whatever its wording; the rest is left as it is, byte for byte. */
export const withoutHostsBlock = (text: string): string =>
  text.replaceAll(/^# BEGIN khactl\b.*\n(?:.*\n)*?# END khactl.*(?:\n|$)/gm, '')

/** Lines that khactl commented out with its mark count again. */
export const withoutMarks = (text: string): string => text.replaceAll(/^# khactl: /gm, '')

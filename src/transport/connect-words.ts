// The code of what connect(2) and the resolver say in English, here or on a jump host.

export const codeOf = (text: string): string => {
  const codes = [
    [/refused/i, 'ECONNREFUSED'],
    [/timed out/i, 'ETIMEDOUT'],
    [/no route|host.*unreachable/i, 'EHOSTUNREACH'],
    [/network.*unreachable/i, 'ENETUNREACH'],
    [/temporary failure in name/i, 'EAI_AGAIN'],
    [/not known|resolve hostname|name resolution|no address/i, 'ENOTFOUND'],
  ] as const
  return codes.find(([words]) => words.test(text))?.[1] ?? 'EIO'
}

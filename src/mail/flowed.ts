/** A signature's separator ends in a space that says nothing. */
const SIGNATURE = '-- ';

/**
 * What lines sent as `format=flowed` (RFC 3676) may have been. By the rule a space is taken from the front of each line that
 * begins with one, and a line that ends in a space goes on in the next. Programs that send patches keep neither part of it:
 * a blank context line is a space, and some say flowed and change nothing.
 *
 * @param delsp `DelSp=yes`: the space at a soft line break is not part of the text
 */
export function flowedReadings(
  lines: readonly string[],
  delsp: 'keeps-space' | 'deletes-space',
): (readonly string[])[] {
  const unstuffed = lines.map((line) => (line.startsWith(' ') ? line.slice(1) : line));
  const joined: string[] = [];
  let soft: string[] = [];
  for (const line of unstuffed) {
    if (line.endsWith(' ') && line !== ' ' && line !== SIGNATURE) {
      soft.push(delsp === 'deletes-space' ? line.slice(0, -1) : line);
    } else {
      joined.push(soft.length > 0 ? [...soft, line].join('') : line);
      soft = [];
    }
  }
  if (soft.length > 0) joined.push(soft.join(''));
  return [joined, unstuffed, lines];
}

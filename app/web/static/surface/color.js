// Colours as six hexadecimal digits, as fields of a page have them.

/**
 * @param {Iterable<number>} rgb  red, green, blue from 0 to 255; whatever follows is left out
 * @returns {string} #rrggbb
 */
export function toHex([red, green, blue]) {
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * @param {string} hex  #rrggbb
 * @returns {number[]} red, green, blue from 0 to 255
 */
export function fromHex(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// Seeds that a person can read out: of at most four digits.

/**
 * @param {...number} old
 * @returns {number} another seed than the old ones, from 0 to 9999
 */
export function newSeed(...old) {
  let seed;
  do seed = Math.floor(Math.random() * 10000); while (old.includes(seed));
  return seed;
}

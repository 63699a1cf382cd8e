// The settings inside a PNG of ours: an iTXt (or tEXt) chunk with the key "onestroke". A dropped file is hostile, so every
// length is checked, at most 64 KB are read, and whatever does not fit gives null.
const RECORD_MAX = 65536 + 64; // the text, and its key
const NUMBERS = ['grow', 'feather', 'factor', 'sigma', 'blur', 'frames', 'amount', 'seed_b', 'count']; // of the other tabs
const PNG_HEAD = [137, 80, 78, 71, 13, 10, 26, 10];

export async function readRecord(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  if (!PNG_HEAD.every((byte, i) => bytes[i] === byte)) return null;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) return null;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if ((type === 'iTXt' || type === 'tEXt') && length <= RECORD_MAX) {
      const text = chunkText(type, bytes.subarray(at + 8, at + 8 + length));
      if (text !== null) return checkRecord(text);
    }
    if (type === 'IEND') return null;
    at += 12 + length;
  }
  return null;
}

function chunkText(type, data) {
  const end = data.indexOf(0);
  if (end < 0 || String.fromCharCode(...data.subarray(0, end)) !== 'onestroke') return null;
  if (type === 'tEXt') return new TextDecoder('latin1').decode(data.subarray(end + 1));
  if (data[end + 1] !== 0) return null; // compressed: not ours
  const language = data.indexOf(0, end + 3);
  const translated = data.indexOf(0, language + 1);
  return language < 0 || translated < 0 ? null : new TextDecoder().decode(data.subarray(translated + 1));
}

function checkRecord(text) {
  try {
    const record = JSON.parse(text);
    const picture = (value) => (typeof value === 'string' && value.startsWith('data:image/png;base64,') ? value : null);
    const numbers = (list, n, low) => (Array.isArray(list) && list.length === n && list.every((value) => Number.isInteger(value) && value >= low && value <= 100000) ? list : null);
    const whole = (value, low, high) => (Number.isInteger(value) && value >= low && value <= high ? value : undefined);
    if (Array.isArray(record.seeds)) record.seed_b = whole(record.seeds[1], 0, 2147483647); // of a way
    return {
      task: String(record.task ?? ''),
      strokes: record.task === 'paint' ? picture(record.strokes) : null,
      mask: picture(record.mask),
      layer: record.task === 'colorize' ? picture(record.dabs) : picture(record.strokes),
      input: picture(record.input),
      square: numbers(record.square, 3, -100000),
      extend: numbers(record.extend, 4, 0),
      ends: Array.isArray(record.ends) ? record.ends.slice(0, 2) : null,
      numbers: Object.fromEntries(NUMBERS.filter((name) => Number.isFinite(record[name])).map((name) => [name, record[name]])),
      settings: {
        seed: whole(record.seed, 0, 2147483647),
        steps: whole(record.steps, 1, 40),
        schedule: ['default', 'paper'].includes(record.schedule) ? record.schedule : undefined,
        strength: record.strength >= 0 && record.strength <= 1 ? Number(record.strength) : undefined,
        look: typeof record.look === 'string' ? record.look : undefined,
      },
    };
  } catch { return null; }
}

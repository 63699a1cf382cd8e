// Several files in one: a zip without compression (PNG has its own), written in the page, so that nothing stays on the server.
const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/**
 * @param {{ name: string, bytes: Uint8Array }[]} files  equal names are told apart by a number
 * @returns {Blob}
 */
export function zip(files) {
  const parts = [];
  const list = [];
  const names = new Map();
  let at = 0;
  for (const { name, bytes } of files) {
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    const title = new TextEncoder().encode(times > 1 ? name.replace(/(\.\w+)?$/, `-${times}$1`) : name);
    const head = fileHead(title, bytes);
    parts.push(head, title, bytes);
    list.push(listEntry(head, at), title);
    at += head.byteLength + title.length + bytes.length;
  }
  const size = list.reduce((sum, part) => sum + part.byteLength, 0);
  return new Blob([...parts, ...list, listEnd(files.length, size, at)], { type: 'application/zip' });
}

// In front of a file.
function fileHead(title, bytes) {
  const head = new DataView(new ArrayBuffer(30));
  head.setUint32(0, 0x04034b50, true);
  const numbers = [20, 0x800, 0, 0, 0x21]; // version, UTF-8 names, stored, midnight of 1 January 1980
  numbers.forEach((value, i) => { head.setUint16(4 + 2 * i, value, true); });
  head.setUint32(14, crc32(bytes), true);
  head.setUint32(18, bytes.length, true);
  head.setUint32(22, bytes.length, true);
  head.setUint16(26, title.length, true);
  return head.buffer;
}

// Of the list behind all files: the same again, and where the file begins.
function listEntry(head, at) {
  const entry = new DataView(new ArrayBuffer(46));
  entry.setUint32(0, 0x02014b50, true);
  entry.setUint16(4, 20, true);
  new Uint8Array(entry.buffer).set(new Uint8Array(head, 4, 26), 6);
  entry.setUint32(42, at, true);
  return entry.buffer;
}

function listEnd(count, size, at) {
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, count, true);
  end.setUint16(10, count, true);
  end.setUint32(12, size, true);
  end.setUint32(16, at, true);
  return end.buffer;
}

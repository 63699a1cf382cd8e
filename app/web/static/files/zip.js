// Several pictures in one file: a zip without compression (PNG has its own), written in the page, so that nothing stays on
// the server.
import { make } from '../shared/dom.js';

const CRC = Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c >>> 0; });
function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

// files: [{ name, bytes }]; names are told apart by a number.
export function zip(files) {
  const parts = [];
  const list = [];
  const names = new Map();
  let at = 0;
  for (const { name, bytes } of files) {
    const times = names.get(name) ?? 0;
    names.set(name, times + 1);
    const title = new TextEncoder().encode(times ? name.replace(/(\.\w+)?$/, `-${times + 1}$1`) : name);
    const numbers = [20, 0x800, 0, 0, 0x21]; // version, UTF-8 names, stored, midnight of 1 January 1980
    const head = new DataView(new ArrayBuffer(30));
    head.setUint32(0, 0x04034b50, true);
    numbers.forEach((value, i) => { head.setUint16(4 + 2 * i, value, true); });
    head.setUint32(14, crc32(bytes), true);
    head.setUint32(18, bytes.length, true);
    head.setUint32(22, bytes.length, true);
    head.setUint16(26, title.length, true);
    const entry = new DataView(new ArrayBuffer(46));
    entry.setUint32(0, 0x02014b50, true);
    entry.setUint16(4, 20, true);
    new Uint8Array(entry.buffer).set(new Uint8Array(head.buffer, 4, 26), 6);
    entry.setUint32(42, at, true);
    parts.push(head.buffer, title, bytes);
    list.push(entry.buffer, title);
    at += 30 + title.length + bytes.length;
  }
  const size = list.reduce((sum, part) => sum + part.byteLength, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, at, true);
  return new Blob([...parts, ...list, end.buffer], { type: 'application/zip' });
}

export const resultAddress = (id) => `${location.pathname.replace(/\/$/, '')}/onestroke/picture/${encodeURIComponent(id)}`;

// The best there is of a picture, as a Blob: the whole photo from the server, else the lossless picture, else the preview.
export async function pictureBlob({ src, png, final }) {
  for (const address of [final?.result ? resultAddress(final.result) : null, png, src]) {
    if (!address) continue;
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return answer.blob();
  }
  return null;
}

export async function saveAll(pictures, name = 'onestroke.zip') {
  const files = [];
  for (const picture of pictures) {
    const blob = await pictureBlob(picture);
    if (!blob) continue;
    const ending = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' }[blob.type] ?? 'png';
    files.push({ name: picture.name ?? `onestroke-${picture.seed ?? 'room'}.${ending}`, bytes: new Uint8Array(await blob.arrayBuffer()) });
  }
  saveBlob(zip(files), name);
}
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  saveFrom(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
export function saveFrom(href, download) {
  const link = make('a', { href, download });
  document.body.append(link);
  link.click();
  link.remove();
}

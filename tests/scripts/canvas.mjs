// A canvas as the list of what was drawn on it since something covered or cleared all of it. Imported before the scripts.
export function fakeCanvas() {
  const canvas = { width: 0, height: 0, drawn: [] };
  let path = [];
  const log = (...what) => canvas.drawn.push(JSON.stringify([ctx.globalCompositeOperation, ...what]));
  const whole = (box) => String(box.slice(0, 2)) === '0,0';
  const ctx = {
    canvas, globalCompositeOperation: 'source-over',
    beginPath() { path = []; },
    moveTo(...at) { path.push(['move', ...at]); },
    lineTo(...at) { path.push(['line', ...at]); },
    quadraticCurveTo(...at) { path.push(['curve', ...at]); },
    rect(...box) { path.push(['rect', ...box]); },
    ellipse(...oval) { path.push(['ellipse', ...oval]); },
    closePath() { path.push(['close']); },
    stroke() { log(ctx.strokeStyle, ctx.lineWidth, path); },
    fill() { log(ctx.fillStyle, ctx.globalAlpha, path); },
    clearRect(...box) { if (whole(box)) canvas.drawn = []; else log('clear', box); },
    fillRect(...box) { if (whole(box)) canvas.drawn = []; log(ctx.fillStyle, box); },
    // A canvas that is laid over the whole of this one takes the place of what was there; anything else is drawn onto it.
    drawImage(source, ...box) {
      if (source.drawn && whole(box) && ctx.globalCompositeOperation !== 'destination-in') canvas.drawn = [...source.drawn];
      else log('image', source.drawn ?? source.name, box);
    },
    createPattern: (source) => ({ pattern: [...source.drawn] }),
    // Opaque as soon as anything is drawn.
    getImageData: (_x, _y, width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height).fill(canvas.drawn.length ? 255 : 0) }),
    save() {}, restore() {}, resetTransform() {}, setTransform() {}, putImageData() {},
  };
  canvas.getContext = () => ctx;
  canvas.toDataURL = () => JSON.stringify(canvas.drawn);
  return canvas;
}
globalThis.document = { createElement: fakeCanvas };

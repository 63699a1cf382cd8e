// What asks for pictures from noise alone: no photo and no strokes, so nothing to see here but the loop.
const root = element.querySelector('.os-asker');
const task = onestroke.task(props.task);
const saved = readStore(props.task, {});
task.describe = describeEdit(task);
task.varied = null;   // the picture to make variations of
const visible = () => document.querySelector(`#${props.task}-stage`)?.offsetParent != null;
const nothing = sheetCanvas(1);
const doc = { untouched: false, current: () => [], sheet: { canvas: nothing }, async value() { return { photo: null, square: null, mask: null, extend: null, image: task.varied?.png ?? null }; } };
const visitor = newVisitor();
const loop = createEditLoop({
  task, doc, visitor,
  auto: () => false,
  refused() {},
  post(value) { props.value = value; trigger('edit'); },
  newest: (message) => { server.newest({ ...message, task: props.task }).catch(() => {}); },
  cancel: (message) => { server.cancel({ ...message, task: props.task }).catch(() => {}); },
});
task.loop = loop;
task.painting = doc;
task.emit('loop', loop, { keep: true });

const newSeed = () => { let seed; do seed = Math.floor(Math.random() * 10000); while (seed === task.settings.seed); return seed; };
let saving = 0;
function keep() { clearTimeout(saving); saving = setTimeout(() => writeStore(props.task, { settings: task.settings }), 250); }
Object.assign(task.actions, {
  stop: () => loop.stop(),
  again: () => loop.generate(),
  generate() { task.varied = null; loop.generate(); },
  variations(picture) { if (picture?.png) { task.varied = picture; loop.generate(); } },
  reroll() { task.write({ seed: newSeed() }, { quiet: true }); task.do('generate'); },
  dice(name) { task.write({ [name]: newSeed() }); },
  load({ settings }) { if (settings) { task.write(settings); task.do('generate'); } },
});
task.on('setting', keep);
task.on('write', () => trigger('settings'));
task.on('inbox', (sent) => task.do('receive', sent));
const plain = {
  n: () => task.do('reroll'), v: () => task.do('variations', task.chosen), d: () => task.do('download'), enter: () => task.do('generate'),
  escape: () => loop.stop(), ' ': () => task.do('play'), '?': () => onestroke.open('help'),
};
document.addEventListener('keydown', (event) => {
  const onControl = event.target.matches?.('input:not([type=range], [type=radio], [type=checkbox]), textarea, select') || (event.target.matches?.('button, summary, input') && [' ', 'Enter'].includes(event.key));
  if (event.isComposing || onControl || event.ctrlKey || event.metaKey || event.altKey || !visible() || document.querySelector('dialog[open]')) return;
  const does = plain[event.key.toLowerCase()];
  if (!does) return;
  event.preventDefault();
  does();
});
root.onestroke = { state: loop.state, task, loop };

task.settings = { ...props.settings, ...saved.settings };
setTimeout(() => {
  if (saved.settings) task.write(saved.settings, { quiet: true });
  task.emit('painting', doc, { keep: true });
  task.emit('state', { name: 'idle' }, { keep: true });
});

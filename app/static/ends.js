// The two ends of the way: their pictures once there are any, their seeds, and a die for each.
const root = element.querySelector('.os-ends');
const task = onestroke.task(props.task);
const ends = ['seed', 'seed_b'].map((name, i) => {
  const image = make('img', { alt: i ? 'The last picture' : 'The first picture', draggable: false });
  image.hidden = true;
  const caption = make('span');
  const node = make('figure', {}, make('div', { className: 'os-end-picture' }, image, make('span', { className: 'os-letter', 'aria-hidden': 'true', textContent: i ? 'B' : 'A' })),
    make('figcaption', {}, caption, iconButton('dice', i ? 'Another last picture' : 'Another first picture', { 'data-do': `dice-${i ? 'b' : 'a'}`, onclick: () => { task.do('dice', name); task.do('generate'); } })));
  root.append(node);
  return { name, image, caption };
});
task.on('frames', (frames) => ends.forEach(({ image }, i) => { image.src = frames.at(i ? -1 : 0).src; image.hidden = false; }));
task.on('settings', (settings) => ends.forEach(({ name, caption }) => { caption.textContent = `Seed ${settings[name] ?? ''}`; }));
setTimeout(() => ends.forEach(({ name, caption }) => { caption.textContent = `Seed ${task.settings[name] ?? props.settings[name]}`; }));

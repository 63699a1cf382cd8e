// Where pictures can be sent: every tab that takes one, whether it has been opened yet or not. Gradio mounts a tab when it
// is first shown, so the picture waits in the task's inbox.
for (const target of props.targets) {
  onestroke.register({
    ...target,
    take(picture) {
      onestroke.task(target.task).emit('inbox', picture, { keep: true });
      onestroke.show(target.task);
    },
  });
}
let shows = 0;
onestroke.show = (tab) => {
  shows += 1;
  props.value = { seq: shows, tab };
  trigger('show');
};

// The drawings on the buttons: one line each, in the color of the text.
const PATHS = {
  add: '<path d="M12 5v14M5 12h14"/>',
  heading: '<path d="M6 5v14M18 5v14M6 12h12"/>',
  small: '<path d="M7 8v11M16 8v11M7 13.5h9"/>',
  link: '<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.6 1.6M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.6-1.6"/>',
  code: '<path d="M8.5 7L3.5 12l5 5M15.5 7l5 5-5 5"/>',
  list: '<path d="M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01"/>',
  numbers: '<path d="M10 6h10M10 12h10M10 18h10M4 4.5l1.2-.7v4.4M4 14.5c0-1.6 2.4-1.4 2.4 0 0 1-2.4 2.2-2.4 3.2h2.6"/>',
  quote: '<path d="M5 5v14M10 8h10M10 12h10M10 16h6"/>',
  picture: '<path d="M4 5h16v14H4zM4 16l5-5 4.5 4.5L16 13l4 4"/><circle cx="15.5" cy="9" r="1.3"/>',
  table: '<path d="M4 5h16v14H4zM4 10h16M4 14.5h16M11 10v9"/>',
  divider: '<path d="M4 12h5M15 12h5"/><circle cx="12" cy="12" r="1"/>',
  note: '<path d="M4 18h16M4 6h7M4 12h12M17 5l1.5-1v5"/>',
  undo: '<path d="M8 5L4 9l4 4M4 9h9.5a5.5 5.5 0 0 1 0 11H9"/>',
  redo: '<path d="M16 5l4 4-4 4M20 9h-9.500a5.500 5.500 0 0 0 0 11H15"/>',
  grip: '<path d="M9 6h.01M9 12h.01M9 18h.01M15 6h.01M15 12h.01M15 18h.01" stroke-width="2.6"/>',
  more: '<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="2.6"/>',
};

export const icon = (name) => {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="tools__icon" viewBox="0 0 24 24" aria-hidden="true">${PATHS[name]}</svg>`;
  return holder.content.firstChild;
};

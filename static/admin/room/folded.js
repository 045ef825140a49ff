// Before the page is drawn: whether this person has folded the rail away.
try {
  if (localStorage.getItem("room.rail") === "folded") document.documentElement.dataset.rail = "folded";
} catch { /* then it stands open */ }

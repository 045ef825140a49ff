// Tells the time at each office, which a cached page can't, and whether somebody is in.
const tell = () => {
  for (const clock of document.querySelectorAll("time[data-timezone]")) {
    const { timezone, weekdays, opens, closes } = clock.dataset;
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone, weekday: "short", hour: "2-digit", minute: "2-digit",
    }).formatToParts(new Date());
    const part = (type) => parts.find((one) => one.type === type).value;
    const now = `${part("hour")}:${part("minute")}`;
    const day = 1 + ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part("weekday"));
    const open = weekdays.includes(day) && opens <= now && now < closes;
    clock.dateTime = now;
    clock.textContent = `${now} there now, ${open ? "open" : "closed"}`;
    clock.dataset.open = open;
    clock.hidden = false;
  }
};

tell();
setInterval(tell, 30_000);

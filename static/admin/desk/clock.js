/* The time beside the person's name, in the zone in which the page was made, while it stays open. */
for (const clock of document.querySelectorAll("time[data-clock]")) {
  const made = new Date(clock.dateTime);
  const [hours, minutes] = clock.textContent.split(":").map(Number);
  const began = performance.now();
  setInterval(() => {
    const now = new Date(made.getTime() + performance.now() - began);
    const minute = Math.floor(now / 60_000) - Math.floor(made / 60_000) + hours * 60 + minutes;
    const inDay = minute % 1440;
    clock.textContent = [inDay / 60, inDay % 60]
      .map((part) => String(Math.floor(part)).padStart(2, "0"))
      .join(":");
  }, 5_000);
}

// Shows a picture before it is uploaded, and lets a click set its focal point.
// The two number fields remain the truth; without this script they work alone.
const stage = document.querySelector("[data-focal]");
const across = document.querySelector("#id_focal_x");
const down = document.querySelector("#id_focal_y");

if (stage && across && down) {
  const image = stage.querySelector("img");
  const point = stage.querySelector("span");

  const showPoint = () => {
    point.hidden = image.hidden;
    point.style.left = `${across.value * 100}%`;
    point.style.top = `${down.value * 100}%`;
  };

  const setFrom = (value) => Math.min(1, Math.max(0, value)).toFixed(2);

  image.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect();
    across.value = setFrom((event.clientX - box.left) / box.width);
    down.value = setFrom((event.clientY - box.top) / box.height);
    showPoint();
  });
  across.addEventListener("input", showPoint);
  down.addEventListener("input", showPoint);

  document.querySelector("#id_file")?.addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      image.src = reader.result;
      image.hidden = false;
      showPoint();
    });
    reader.readAsDataURL(file);
  });

  document.querySelector("[data-focal-help]").hidden = false;
  showPoint();
}

// Hands the chosen picture to the editor that opened this window.
const number = document.querySelector("[data-callback]").dataset.callback;

const choose = ({ choose: id, url, alt, caption }) => {
  window.opener?.CKEDITOR?.tools.callFunction(number, url, {
    id,
    alternative_text: alt,
    caption,
  });
  window.close();
};

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-choose]");
  if (choice) choose(choice.dataset);
});

document.querySelector("[data-at-once]")?.click();

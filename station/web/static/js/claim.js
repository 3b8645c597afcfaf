// Photos of a complaint: shown before they are sent, and made small on the phone so that a bad line can carry them.
// Works without: the server takes photos at full size, and makes them small itself.

const SIDE = 1600; // points of the longer side (core/photos.py, SIDE)
const QUALITY = 0.85; // of the JPEG: a little above what the server keeps
const field = document.getElementById("photos");
const told = document.getElementById("photos-told");
const shown = document.getElementById("photos-shown");
const button = field.form.querySelector("button");

/** Return a photo no larger than needed; as it came where the browser cannot read it. */
async function small(file) {
  try {
    const picture = await createImageBitmap(file);
    const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * share);
    canvas.height = Math.round(picture.height * share);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const content = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!content || content.size >= file.size) return file;
    return new File([content], "photo.jpg", { type: "image/jpeg" });
  } catch {
    return file;
  }
}

/** Show the chosen photos. */
function show(files) {
  shown.replaceChildren(
    ...files.map((file) => {
      const picture = document.createElement("img");
      picture.alt = file.name;
      picture.src = URL.createObjectURL(file);
      picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
      return picture;
    }),
  );
}

/** Take what was chosen: as many as may be sent, made small. */
async function take() {
  const most = Number(field.dataset.most);
  const chosen = [...field.files];
  told.textContent = chosen.length > most ? field.dataset.tooMany : "";
  button.disabled = true;
  const files = await Promise.all(chosen.slice(0, most).map(small));
  const box = new DataTransfer();
  for (const file of files) box.items.add(file);
  field.files = box.files;
  show(files);
  button.disabled = false;
}

field.addEventListener("change", take);
if (field.files.length) take(); // chosen before this ran

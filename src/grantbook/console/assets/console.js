// What the console does better with a script. Everything here works without it, by links and forms.
"use strict";

document.documentElement.classList.add("scripted");

// --- The time machine: moving the slider shows the page as of then, without loading it anew -----------------------------

let wanted = null;
let under_way = false;

async function show(address, from_slider) {
  wanted = { address, from_slider };
  if (under_way) return;
  under_way = true;
  document.body.classList.add("busy");
  while (wanted) {
    const next = wanted;
    wanted = null;
    try {
      const answer = await fetch(next.address, { headers: { accept: "text/html" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("main")) throw new Error("not a page of the console");
      if (!wanted) put(page, answer.url, next.from_slider);
    } catch {
      wanted = null;
      location.assign(next.address);
    }
  }
  under_way = false;
  document.body.classList.remove("busy");
}

function put(page, address, from_slider) {
  const slider = document.getElementById("machine-slider");
  const value = slider && slider.value;
  for (const id of ["main", "side", "foot", "when", "marks"]) {
    const here = document.getElementById(id);
    const there = page.getElementById(id);
    if (here && there) here.replaceWith(document.adoptNode(there));
  }
  document.title = page.title;
  document.body.className = page.body.className;
  const new_slider = page.getElementById("machine-slider");
  if (slider && new_slider) {
    slider.setAttribute("aria-valuetext", new_slider.getAttribute("aria-valuetext"));
    slider.value = from_slider ? value : new_slider.getAttribute("value");
  }
  if (from_slider) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  check_proof();
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "machine-slider") return;
  const form = new FormData(event.target.form);
  show(`${location.pathname}?${new URLSearchParams(form)}`, true);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[data-moves]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const moves = link.dataset.moves;
  show(link.href, false).then(() => {
    const again = document.querySelector(`a[data-moves="${moves}"]`);
    if (again) again.focus();
  });
});

addEventListener("popstate", () => location.reload());

// --- Choices that need no button --------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-prints]")) print();
});

// The skip link moves the focus too: not every browser does that by itself.
document.addEventListener("click", (event) => {
  if (!event.target.matches("a.skip")) return;
  event.preventDefault();
  document.getElementById("main").focus();
});

// --- An entry's proof, checked here: nothing that the server says of it is taken on trust but the checkpoint's key --------

const bytes_of = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const same = (one, other) => one.length === other.length && one.every((byte, index) => byte === other[index]);

async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

const node = (left, right) => sha256(Uint8Array.of(1), left, right);

// The root that a leaf and the hashes beside its way up lead to (RFC 9162, 2.1.3.2).
async function root_of(index, size, leaf, hashes) {
  if (index >= size) throw new Error("the entry lies beyond the tree");
  let here = index;
  let last = size - 1;
  let hash = leaf;
  for (const beside of hashes) {
    if (last === 0) throw new Error("the proof is longer than the way up");
    if (here % 2 === 1 || here === last) {
      hash = await node(beside, hash);
      while (here % 2 === 0 && here !== 0) {
        here = Math.floor(here / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = await node(hash, beside);
    }
    here = Math.floor(here / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Error("the proof is shorter than the way up");
  return hash;
}

// The stored bytes of an entry, out of the bundle that it is in (C2SP tlog-tiles).
async function stored(data, index, size) {
  const bundle = Math.floor(index / 256);
  const width = Math.min(256, size - bundle * 256);
  const groups = String(bundle).padStart(Math.ceil(String(bundle).length / 3) * 3, "0").match(/.{3}/g);
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join("/");
  const answer = await fetch(`${data}/tile/entries/${path}${width < 256 ? `.p/${width}` : ""}`, { credentials: "same-origin" });
  if (!answer.ok) throw new Error("the stored bytes cannot be read");
  const bytes = new Uint8Array(await answer.arrayBuffer());
  let at = 0;
  for (let skipped = 0; ; skipped += 1) {
    const length = bytes[at] * 256 + bytes[at + 1];
    if (skipped === index % 256) return bytes.slice(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

// Whether one of the keys signed the note; `null` where this browser cannot tell.
async function is_signed(note, keys) {
  const [body, signatures] = note.split("\n\n");
  const text = new TextEncoder().encode(`${body}\n`);
  for (const line of signatures.split("\n").filter((line) => line.startsWith("\u2014 "))) {
    const signature = bytes_of(line.split(" ")[2]);
    for (const { key } of keys) {
      const [, id, public_key] = /^.*\+([0-9a-f]{8})\+(.+)$/.exec(key) ?? [];
      const raw = public_key && bytes_of(public_key);
      const named = id && same(signature.slice(0, 4), Uint8Array.from(id.match(/../g), (hex) => parseInt(hex, 16)));
      if (!named || raw[0] !== 1) continue;
      try {
        const imported = await crypto.subtle.importKey("raw", raw.slice(1), "Ed25519", false, ["verify"]);
        if (await crypto.subtle.verify("Ed25519", imported, signature.slice(4), text)) return true;
      } catch {
        return null;
      }
    }
  }
  return false;
}

async function proven(place, tampered) {
  const { data, position } = place.dataset;
  const ask = async (what) => {
    const answer = await fetch(`${data}/${what}`, { credentials: "same-origin", headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    return answer.json();
  };
  const { index, size, proof, checkpoint } = await ask(`proof/inclusion?position=${position}`);
  const { keys } = await ask("checkpoint?format=json");
  const entry = await stored(data, index, size);
  if (tampered) entry[Math.floor(entry.length / 2)] ^= 1;
  const [origin, signed_size, signed_root] = checkpoint.split("\n");
  if (Number(signed_size) !== size) throw new Error("the checkpoint is of another size than the proof");
  const root = await root_of(index, size, await sha256(Uint8Array.of(0), entry), proof.map(bytes_of));
  if (!same(root, bytes_of(signed_root))) {
    throw new Error("the bytes of this entry do not lead to the root that the checkpoint signs: they are not what was written");
  }
  const signed = await is_signed(checkpoint, keys);
  if (signed === false) throw new Error("the checkpoint is not signed by a key of this log");
  const by = signed ? `signed by the key of ${origin}` : "whose signature this browser cannot check";
  return `The ${entry.length} stored bytes of entry ${position} are entry ${index + 1} of ${size} in the tree of the checkpoint, ${by}.`;
}

async function check_proof(tampered = false) {
  const place = document.getElementById("proof");
  if (!place) return;
  const outcome = document.getElementById("proof-outcome");
  const say = (holds, words) => {
    outcome.textContent = "";
    const verdict = document.createElement("span");
    verdict.className = holds ? "holds" : "lacks";
    verdict.textContent = holds ? "Proven. " : "Not proven: ";
    outcome.append(verdict, words);
  };
  if (!globalThis.crypto?.subtle) return say(false, "this browser checks proofs over HTTPS alone, or on the machine itself.");
  for (const id of ["proof-again", "proof-tamper"]) document.getElementById(id).hidden = false;
  try {
    say(true, await proven(place, tampered));
  } catch (error) {
    say(false, `${error.message}.`);
  }
}

document.addEventListener("click", (event) => {
  if (event.target.id === "proof-again") check_proof();
  if (event.target.id === "proof-tamper") check_proof(true);
});

check_proof();

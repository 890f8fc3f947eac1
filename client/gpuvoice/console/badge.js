// The state of the GPU in any page: <script src="http://localhost:8080/badge.js" async></script>
(() => {
  const REFRESH_MS = 10_000;
  const script = document.currentScript;
  const home = new URL("/", script.src).href;
  const link = document.createElement("a");
  const image = document.createElement("img");

  function look() {
    if (!document.hidden) image.src = `${home}badge.svg?at=${Date.now()}`;
  }

  link.href = home;
  link.target = "_blank";
  link.rel = "noopener";
  image.alt = "GPU Voice: state of the GPU, opens the console";
  image.width = 168;
  image.height = 24;
  image.onerror = () => (image.alt = "GPU Voice: the proxy does not answer");
  image.onload = () => (image.alt = "GPU Voice: state of the GPU, opens the console");
  link.append(image);
  script.after(link);
  look();
  setInterval(look, REFRESH_MS);
  document.addEventListener("visibilitychange", look);
})();

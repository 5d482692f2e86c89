for (const tide of document.querySelectorAll("[data-high-water]")) {
  const minutes = Math.max(0, Math.round((Date.parse(tide.dataset.highWater) - Date.now()) / 60000));
  tide.querySelector("span").textContent = `, in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const BACKEND = "http://localhost:8000";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  server: {
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(
      // the Host stays the page's own: before there are users, the server wants it to equal the Origin
      ["/api", "/health", "/metrics", "/openapi.json", "/docs"].map((path) => [
        path,
        { target: BACKEND, changeOrigin: false },
      ]),
    ),
  },
  build: { manifest: true, assetsInlineLimit: 0 },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
  },
});

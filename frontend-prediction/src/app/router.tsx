import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Crashed } from "./Crashed";
import { Frame } from "./Frame";
import { NotFound } from "./NotFound";
import { pages } from "./pages";

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const routes = pages.map((page) =>
  createRoute({ getParentRoute: () => root, path: page.path, component: lazyRouteComponent(page.load) }),
);

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  defaultErrorComponent: Crashed,
  scrollRestoration: true,
  // Plain texts: the router's own JSON would turn the item 00123 into the number 123.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(search as Record<string, string>).toString();
    return text && `?${text}`;
  },
});

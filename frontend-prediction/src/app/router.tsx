import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useRouterState,
} from "@tanstack/react-router";
import { Crashed } from "./Crashed";
import { Frame } from "./Frame";
import { NotFound } from "./NotFound";
import { pages } from "./site_map";
import { views } from "./views";

const LOGIN = "/login";

/** The frame stands around every page but the one where nobody is known yet. */
function Root() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return path === LOGIN ? <Outlet /> : <Frame />;
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: LOGIN,
  component: lazyRouteComponent(() => import("@/pages/login/page")),
});

const routes = pages.map((page) =>
  createRoute({ getParentRoute: () => root, path: page.path, component: lazyRouteComponent(views[page.path]) }),
);

export const router = createRouter({
  routeTree: root.addChildren([login, ...routes]),
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

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import classes from "./frame.module.css";
import { navigation } from "./site_map";

/** The pages that exist, and no others. */
export function Navigation() {
  const { t } = useTranslation();
  return (
    <ul className={classes.links}>
      {navigation.map((page) => (
        <li key={page.path}>
          <Link
            to={page.path}
            activeOptions={{ exact: page.path === "/", includeSearch: false }}
            className={classes.link}
          >
            {page.icon && <Icon name={page.icon} />}
            {t(`pages.${page.label}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

import { prepareInstallation } from "./installation";

export default prepareInstallation;

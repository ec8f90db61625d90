import { type ReactNode, useEffect, useRef } from "react";
import { ALL_ITEMS, useAddress } from "./address";
import { Items } from "./Items";
import { Lots } from "./Lots";
import { segmentOf } from "./segments";

/** From a segment to its items, and from an item to predicted against actual, as the address asks. */
export function DrillDown({ cycleId }: { cycleId: string }) {
  const [{ segment, item }] = useAddress();
  const found = segmentOf(segment);
  return (
    <>
      {(found || segment === ALL_ITEMS) && (
        <InView key={`segment ${segment}`}>
          <Items cycleId={cycleId} segment={found} />
        </InView>
      )}
      {item && (
        <InView key={`item ${item}`}>
          <Lots cycleId={cycleId} itemCode={item} />
        </InView>
      )}
    </>
  );
}

/** What was asked for last is scrolled to where it stands below the edge of the window. */
function InView({ children }: { children: ReactNode }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    element.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return <div ref={element}>{children}</div>;
}

export default {
  kinds: {
    unreachable: {
      cause: "The server does not answer",
      remedy: "Check that it runs and that the network is up. The page recovers by itself once it answers.",
    },
    "unexpected-answer": {
      cause: "Something other than the server answered",
      remedy: "Check the proxy, or give the request id to your administrator.",
    },
    "role-needed": {
      cause: "This needs the role {{needed}}",
      remedy: "Ask an admin for it, or log in as somebody who has it.",
    },
    "not-identified": { cause: "You have to log in", remedy: "Log in again; what you typed is kept." },
    "wrong-login": { cause: "User and password do not belong together", remedy: "Check them and try again." },
    "too-many-logins": { cause: "Too many logins failed", remedy: "Try again in {{seconds}} s." },
    "protected-mode": {
      cause: "There are no users yet, so other machines are not served",
      remedy: "Run routing-ml users add NAME --role admin on the server, then try again.",
    },
    "missing-csrf-token": {
      cause: "Somebody else has logged in here meanwhile",
      remedy: "Reload the page and try again.",
    },
    "weak-password": {
      cause: "This password cannot be used",
      remedy: "Choose a longer one of more different characters.",
    },
    "feature-disabled": {
      cause: "This feature is switched off",
      remedy: "Your administrator can switch it on in .env.",
    },
    "no-evaluation": { cause: "There is no quality evaluation yet", remedy: "Run an evaluation once." },
    "no-model": { cause: "There is no model to use", remedy: "Run a training (routing-ml train)." },
    "queue-full": { cause: "The job queue is full", remedy: "Wait for a job to end, or cancel one." },
    "unknown-item": { cause: "The ERP has no such item", remedy: "Check the item code." },
    "decision-mismatch": {
      cause: "The decision contradicts its routings",
      remedy: "Reload the page and accept again.",
    },
    "unknown-cycle": { cause: "There is no such evaluation", remedy: "Choose one from the trend, or show the newest." },
    "unkept-item": {
      cause: "This evaluation keeps no results of that item",
      remedy: "Choose one from the list of items.",
    },
    "unknown-job": { cause: "There is no such job", remedy: "Choose one from the list of jobs." },
    "unknown-version": { cause: "There is no such model version", remedy: "Choose one from the list of models." },
    "illegal-job-move": { cause: "The job has ended already", remedy: "Load the list again." },
    "no-previous-version": {
      cause: "There is no version to go back to",
      remedy: "Choose one from the list of models.",
    },
    "stale-generation": { cause: "Somebody else changed it meanwhile", remedy: "Load it again, look, and repeat." },
    "database-unavailable": {
      cause: "The plant's database cannot be reached",
      remedy: "Check the database and its settings in .env (routing-ml doctor).",
    },
    "state-database-unavailable": {
      cause: "The server's own database does not answer",
      remedy: "routing-ml doctor says why and what to do.",
    },
    starting: { cause: "A part of the server is still starting", remedy: "Try again in a moment." },
    "invalid-input": { cause: "What was entered is not valid", remedy: "Correct the fields that are named." },
    "empty-log": {
      cause: "Nothing has been written to this log yet",
      remedy: "Choose another log, or come back later.",
    },
    internal: { cause: "An error inside the server", remedy: "Give the request id to your administrator." },
  },
  status: {
    cause: "The server could not do what was asked (HTTP {{status}})",
    remedy: "Read what the server says below; if it persists, give the request id to your administrator.",
  },
};

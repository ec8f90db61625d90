"""Users, keys, sessions and failed logins, on both kinds of state database."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from backend.domain.access import RESERVED_NAMES, Role, UserChange, is_user_name, plain_name
from backend.errors import (
    KeyNameTakenError,
    LastAdminError,
    RefusedNameError,
    TooManyLoginsError,
    UnknownKeyError,
    UnknownUserError,
    UserExistsError,
)
from backend.settings import load_settings
from backend.state import tables
from backend.state.api_keys import add_key, find_key, list_keys, note_use, revoke_key, sha256_of
from backend.state.audit import list_audit
from backend.state.database import open_state_engine, state_url
from backend.state.login_attempts import WINDOW, begin_attempt, forget_attempts
from backend.state.migrating import migrate_state
from backend.state.passwords import hash_password, is_password
from backend.state.sessions import IDLE_LIMIT, LIFETIME, close_session, find_session, note_seen, open_session
from backend.state.users import add_user, change_user, credentials_exist, find_login, list_users, remove_user

NOW = datetime(2026, 7, 1)  # noqa: DTZ001 - naive UTC, as everywhere inside
HASH = "$argon2id$not-looked-at-here"


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    found = load_settings(tmp_path)
    settings = found.model_copy(update={"env": found.env.model_copy(update={"STATE_DATABASE_URL": url})})
    migrate_state(settings)
    engine = open_state_engine(state_url(settings))
    yield engine
    engine.dispose()


def test_users_are_added_once_changed_and_removed(state: Engine) -> None:
    assert not credentials_exist(state)
    add_user(state, "kim", HASH, Role.VIEWER, NOW, actor="boss")
    assert credentials_exist(state)
    with pytest.raises(UserExistsError):
        add_user(state, "kim", HASH, Role.ADMIN, NOW, actor="boss")
    with pytest.raises(RefusedNameError):
        add_user(state, "Kim", HASH, Role.ADMIN, NOW, actor="boss")
    changed = change_user(state, "kim", UserChange(role=Role.PLANNER, disabled=True), actor="boss")
    assert list_users(state) == [changed]
    assert (changed.role, changed.disabled) == (Role.PLANNER, True)
    change_user(state, "kim", UserChange(password_hash="other"), actor="boss")
    assert find_login(state, "kim") == (changed, "other")
    remove_user(state, "kim", actor="boss")
    assert find_login(state, "kim") is None
    for act in (
        lambda: change_user(state, "kim", UserChange(disabled=True), actor="boss"),
        lambda: remove_user(state, "kim", actor="boss"),
    ):
        with pytest.raises(UnknownUserError):
            act()


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_kept(state: Engine) -> None:
    with state.begin() as connection:
        connection.execute(sql("ALTER TABLE users RENAME TO mislaid"))
    with pytest.raises(SQLAlchemyError) as caught:
        add_user(state, "kim", HASH, Role.ADMIN, NOW, actor="boss")
    assert HASH not in str(caught.value)


def test_what_cannot_be_kept_in_the_audit_trail_is_not_done(state: Engine) -> None:
    add_user(state, "kim", HASH, Role.VIEWER, NOW, actor="boss")
    key, text = add_key(state, "mes", Role.PLANNER, NOW, actor="boss")
    session_id = open_session(state, "kim", NOW, peer="10.0.0.1")
    with state.begin() as connection:
        connection.execute(sql("ALTER TABLE audit RENAME TO mislaid"))

    changes: list[Callable[[], object]] = [
        lambda: add_user(state, "lee", HASH, Role.ADMIN, NOW, actor="boss"),
        lambda: change_user(state, "kim", UserChange(role=Role.ADMIN), actor="boss"),
        lambda: remove_user(state, "kim", actor="boss"),
        lambda: add_key(state, "erp", Role.ADMIN, NOW, actor="boss"),
        lambda: revoke_key(state, key.key_id, NOW, actor="boss"),
        lambda: open_session(state, "kim", NOW, peer="10.0.0.1"),
        lambda: close_session(state, sha256_of(session_id), "kim"),
    ]
    for change in changes:
        with pytest.raises(SQLAlchemyError):
            change()

    assert [(user.name, user.role) for user in list_users(state)] == [("kim", Role.VIEWER)]
    assert [one.revoked_at for one in list_keys(state)] == [None]
    assert find_key(state, text)
    assert find_session(state, session_id, NOW)
    with state.connect() as connection:
        assert len(connection.execute(select(tables.sessions)).all()) == 1


def test_the_audit_trail_says_what_was_changed_and_no_secret(state: Engine) -> None:
    add_user(state, "kim", HASH, Role.VIEWER, NOW, actor="boss")
    change_user(state, "kim", UserChange(role=Role.PLANNER), actor="boss")
    change_user(state, "kim", UserChange(disabled=True, password_hash="new hash"), actor="kim")
    remove_user(state, "kim", actor="boss")
    told = [(entry.actor, entry.action, entry.subject, entry.details) for entry in reversed(list_audit(state))]
    assert told == [
        ("boss", "user.add", "kim", {"role": "viewer"}),
        ("boss", "user.change", "kim", {"role": "planner"}),
        ("kim", "user.change", "kim", {"disabled": True, "new_password": True}),
        ("boss", "user.remove", "kim", {}),
    ]


def test_of_two_admins_who_end_each_other_at_once_one_stays(state: Engine) -> None:
    for name in ("kim", "lee"):
        add_user(state, name, HASH, Role.ADMIN, NOW, actor="boss")
    refused = []

    def demote_kim() -> None:
        try:
            change_user(state, "kim", UserChange(role=Role.VIEWER), actor="boss")
        except LastAdminError:
            refused.append("kim")

    other = Thread(target=demote_kim)
    with state.begin() as connection:
        demoted = update(tables.users).where(tables.users.c.name == "lee")
        connection.execute(demoted.values(role=Role.VIEWER.value))
        other.start()
        other.join(timeout=0.5)  # it waits for this transaction; one that does not is done by then
    other.join()
    assert refused == ["kim"]
    assert [user.name for user in list_users(state) if user.role is Role.ADMIN] == ["kim"]


def test_a_disabled_admin_does_not_count(state: Engine) -> None:
    for name in ("kim", "lee"):
        add_user(state, name, HASH, Role.ADMIN, NOW, actor="boss")
    change_user(state, "lee", UserChange(disabled=True), actor="boss")
    for change in (UserChange(disabled=True), UserChange(role=Role.OPERATOR)):
        with pytest.raises(LastAdminError):
            change_user(state, "kim", change, actor="boss")
    with pytest.raises(LastAdminError):
        remove_user(state, "kim", actor="boss")
    remove_user(state, "lee", actor="boss")


def test_a_key_is_known_by_its_whole_text_until_it_is_revoked(state: Engine) -> None:
    key, text = add_key(state, "mes", Role.PLANNER, NOW, actor="boss")
    found = find_key(state, text)
    assert found is not None
    assert (found.name, found.role, found.how) == ("key mes", Role.PLANNER, "api_key")
    for wrong in (text[:-1], text + "x", text.upper(), "", "rml_" + "0" * 12 + text[16:]):
        assert find_key(state, wrong) is None
    with state.connect() as connection:
        (row,) = connection.execute(select(tables.api_keys)).mappings()
    assert text[17:] not in str(dict(row)), "the secret itself is nowhere"
    with pytest.raises(KeyNameTakenError):
        add_key(state, "mes", Role.VIEWER, NOW, actor="boss")
    assert credentials_exist(state)
    assert revoke_key(state, key.key_id, NOW, actor="boss").revoked_at == NOW
    assert revoke_key(state, key.key_id, NOW + timedelta(days=1), actor="boss").revoked_at == NOW
    assert find_key(state, text) is None
    assert not credentials_exist(state)
    with pytest.raises(UnknownKeyError):
        revoke_key(state, "0" * 12, NOW, actor="boss")


def test_the_use_of_a_key_is_noted_once_a_minute(state: Engine) -> None:
    _, text = add_key(state, "mes", Role.VIEWER, NOW, actor="boss")
    found = find_key(state, text)
    assert found is not None
    seen = []
    for seconds in (0, 59, 60, 61):
        note_use(state, found.secret_sha256, NOW + timedelta(seconds=seconds))
        seen.append(list_keys(state)[0].last_used_at)
    minute = NOW + timedelta(minutes=1)
    assert seen == [NOW, NOW, minute, minute]


def test_a_session_lasts_while_it_is_used_and_no_longer_than_its_lifetime(state: Engine) -> None:
    add_user(state, "kim", HASH, Role.PLANNER, NOW, actor="boss")
    session_id = open_session(state, "kim", NOW, peer="10.0.0.1")
    found = find_session(state, session_id, NOW)
    assert found is not None
    assert (found.name, found.role) == ("kim", Role.PLANNER)
    assert found.csrf_token not in {"", session_id}
    assert find_session(state, session_id + "x", NOW) is None
    just_before = NOW + IDLE_LIMIT - timedelta(seconds=1)
    assert find_session(state, session_id, just_before)
    assert find_session(state, session_id, NOW + IDLE_LIMIT) is None
    note_seen(state, found.secret_sha256, just_before)
    assert find_session(state, session_id, NOW + IDLE_LIMIT)
    note_seen(state, found.secret_sha256, NOW + LIFETIME - timedelta(seconds=1))
    assert find_session(state, session_id, NOW + LIFETIME - timedelta(seconds=1))
    assert find_session(state, session_id, NOW + LIFETIME) is None
    open_session(state, "kim", NOW + LIFETIME, peer="10.0.0.1")
    with state.connect() as connection:
        assert len(connection.execute(select(tables.sessions)).all()) == 1, "a login clears what is over"


def test_sessions_end_one_by_one_and_with_what_happens_to_their_user(state: Engine) -> None:
    add_user(state, "kim", HASH, Role.PLANNER, NOW, actor="boss")

    def opened() -> list[str]:
        return [open_session(state, "kim", NOW, peer="10.0.0.1") for _ in range(2)]

    def alive(ids: list[str]) -> list[bool]:
        return [find_session(state, one, NOW) is not None for one in ids]

    ids = opened()
    first = find_session(state, ids[0], NOW)
    assert first is not None
    change_user(state, "kim", UserChange(password_hash="new"), keep_session=first.secret_sha256, actor="boss")
    assert alive(ids) == [True, False]
    close_session(state, first.secret_sha256, "kim")
    assert alive(ids) == [False, False]
    ids = opened()
    change_user(state, "kim", UserChange(role=Role.VIEWER), actor="boss")
    assert alive(ids) == [True, True]
    change_user(state, "kim", UserChange(disabled=True), actor="boss")
    change_user(state, "kim", UserChange(disabled=False), actor="boss")
    assert alive(ids) == [False, False]
    opened()
    remove_user(state, "kim", actor="boss")
    assert list_users(state) == []


def test_failed_logins_have_to_wait_until_the_oldest_is_a_quarter_of_an_hour_ago(state: Engine) -> None:
    for minute in range(5):
        begin_attempt(state, "kim", "10.0.0.1", NOW + timedelta(minutes=minute))
    with pytest.raises(TooManyLoginsError) as refused:
        begin_attempt(state, "kim", "10.0.0.1", NOW + timedelta(minutes=5))
    assert refused.value.retry_after_seconds == 600
    begin_attempt(state, "kim", "10.0.0.2", NOW + timedelta(minutes=5))
    begin_attempt(state, "kim", "10.0.0.1", NOW + WINDOW)
    with pytest.raises(TooManyLoginsError):
        begin_attempt(state, "kim", "10.0.0.1", NOW + WINDOW)
    forget_attempts(state, "kim", "10.0.0.1")
    begin_attempt(state, "kim", "10.0.0.1", NOW + WINDOW)


def test_a_user_cannot_be_tried_from_many_places(state: Engine) -> None:
    for number in range(50):
        begin_attempt(state, "kim", f"10.0.0.{number}", NOW)
    with pytest.raises(TooManyLoginsError):
        begin_attempt(state, "kim", "10.0.1.1", NOW)
    begin_attempt(state, "lee", "10.0.1.1", NOW)


def test_a_new_password_can_be_tried_at_once(state: Engine) -> None:
    add_user(state, "kim", HASH, Role.ADMIN, NOW, actor="boss")
    for name in ("kim", "lee"):
        for number in range(50):
            begin_attempt(state, name, f"10.0.{len(name)}.{number}", NOW)
    change_user(state, "kim", UserChange(role=Role.ADMIN), actor="boss")
    with pytest.raises(TooManyLoginsError):
        begin_attempt(state, "kim", "10.0.1.1", NOW)
    change_user(state, "kim", UserChange(password_hash="new"), actor="boss")
    begin_attempt(state, "kim", "10.0.1.1", NOW)
    with pytest.raises(TooManyLoginsError):
        begin_attempt(state, "lee", "10.0.1.1", NOW)


def test_a_password_is_known_by_its_hash_in_whichever_form_its_letters_came() -> None:
    kept = hash_password("비밀번호는 길어야 한다", "kim")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_password("비밀번호는 길어야 한다", kept)
    assert not is_password("비밀번호는 길어야 한다.", kept)
    assert not is_password("nobody's password", None)


@given(st.text(alphabet="abkim김계획._@- <>\n'A", max_size=70))
def test_a_users_name_is_plain_and_none_of_the_audit_trails_own(name: str) -> None:
    if is_user_name(name):
        assert name == plain_name(name)
        assert " " not in name
        assert "\n" not in name
        assert name not in RESERVED_NAMES


def test_attempts_at_the_same_moment_count_each_other(state: Engine) -> None:
    start, passed = Barrier(12), []

    def attempt() -> None:
        start.wait()
        try:
            begin_attempt(state, "kim", "10.0.0.1", NOW)
        except TooManyLoginsError:
            return
        passed.append(1)

    threads = [Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 5

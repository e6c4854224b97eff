"""The vault: what is sealed opens again for its own element only, and nobody else can read or guess it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.errors import Kind, YibiaoError
from hub.core.vault import KEY_FILE, Vault, digest_of, new_token

TEXTS = st.lists(st.none() | st.text(max_size=60), max_size=40)
SHARED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return Vault.create(tmp_path_factory.mktemp("keys"))


@given(texts=TEXTS)
@SHARED
def test_what_is_sealed_opens_again(vault: Vault, texts: list[str | None]) -> None:
    assert vault.open("person.name", vault.seal("person.name", texts)) == texts


@given(texts=TEXTS)
@SHARED
def test_sealing_never_repeats_and_hashing_always_does(vault: Vault, texts: list[str | None]) -> None:
    blobs = [blob for blob in vault.seal("person.name", texts + texts) if blob is not None]
    assert len(set(blobs)) == len(blobs)
    assert len({blob[1:13] for blob in blobs}) == len(blobs), "a nonce was used twice"
    assert vault.hash("person", texts) == vault.hash("person", texts)


@given(texts=TEXTS)
@SHARED
def test_hashes_are_equal_exactly_where_the_texts_are(vault: Vault, texts: list[str | None]) -> None:
    hashes = vault.hash("person", texts)
    assert [h is None for h in hashes] == [t is None for t in texts]
    assert all(len(h) == 22 and h.replace("-", "").replace("_", "").isalnum() for h in hashes if h is not None)
    assert len(set(hashes)) == len(set(texts))
    assert not {h for h in vault.hash("household", texts) if h} & {h for h in hashes if h}, "the spaces are not apart"


def test_the_plain_text_is_in_no_blob(vault: Vault) -> None:
    (blob,) = vault.seal("person.citizen_id", ["41152119620304567X"])
    assert blob is not None
    assert b"41152119620304567X" not in blob
    assert len(blob) == 1 + 12 + 18 + 16


def test_a_blob_of_another_element_does_not_open(vault: Vault) -> None:
    blobs = vault.seal("person.phone", ["13800000000"])
    with pytest.raises(YibiaoError) as refusal:
        vault.open("benefit.account", blobs)
    assert refusal.value.code == "vault_cannot_open"
    assert refusal.value.values == {"element": "benefit.account", "key": 1}


@pytest.mark.parametrize("position", [0, 1, 12, 13, -1])
def test_a_changed_blob_does_not_open(vault: Vault, position: int) -> None:
    (blob,) = vault.seal("person.phone", ["13800000000"])
    assert blob is not None
    changed = bytearray(blob)
    changed[position] ^= 1
    with pytest.raises(YibiaoError) as refusal:
        vault.open("person.phone", [bytes(changed)])
    assert refusal.value.code == "vault_cannot_open"


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + b"0" * 12, b"\x01" + b"0" * 20])
def test_a_cut_blob_does_not_open(vault: Vault, blob: bytes) -> None:
    with pytest.raises(YibiaoError) as refusal:
        vault.open("person.phone", [blob])
    assert refusal.value.kind is Kind.INVALID


def test_another_hubs_keys_do_not_open_and_hash_otherwise(tmp_path: Path, vault: Vault) -> None:
    other = Vault.create(tmp_path)
    with pytest.raises(YibiaoError, match=r"person\.phone"):
        other.open("person.phone", vault.seal("person.phone", ["13800000000"]))
    assert other.hash("person", ["a"]) != vault.hash("person", ["a"])
    assert other.fingerprint(["a"]) != vault.fingerprint(["a"])
    assert other.token_digest("a") != vault.token_digest("a")


def test_keys_are_outside_reach_and_survive_a_restart(tmp_path: Path) -> None:
    made = Vault.create(tmp_path)
    file = tmp_path / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == [KEY_FILE], "a half-written file was left behind"
    again = Vault.open_folder(tmp_path)
    assert again.open("person.name", made.seal("person.name", ["张三"])) == ["张三"]
    assert again.hash("person", ["张三"]) == made.hash("person", ["张三"])


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    Vault.create(tmp_path)
    before = (tmp_path / KEY_FILE).read_text()
    with pytest.raises(YibiaoError) as refusal:
        Vault.create(tmp_path)
    assert refusal.value.code == "vault_keys_exist"
    assert (tmp_path / KEY_FILE).read_text() == before


def test_after_rotation_the_newest_seals_and_older_blobs_open(tmp_path: Path) -> None:
    running = Vault.create(tmp_path)
    rotating = Vault.open_folder(tmp_path)
    old, hashed, signed = running.seal("person.name", ["张三"]), running.hash("person", ["张三"]), running.sign(b"report")
    assert rotating.rotate() == 2
    new = rotating.seal("person.name", ["李四"])
    assert [blob[0] for blob in old + new if blob] == [1, 2]
    assert rotating.open("person.name", old + new) == ["张三", "李四"]
    assert running.open("person.name", new + old) == ["李四", "张三"], "a running process did not take up the new key"
    assert rotating.hash("person", ["张三"]) == hashed, "rotating the sealing key must change no key and no source row"
    assert rotating.verify(b"report", signed)
    assert rotating.sign(b"report").startswith("2:")


@pytest.mark.parametrize("content", ["", "[]", '{"sealing": []}', '{"sealing": [], "hashing": [], "signing": []}', "not json"])
def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    (tmp_path / KEY_FILE).write_text(content)
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(YibiaoError) as refusal:
        Vault.open_folder(tmp_path)
    assert refusal.value.code == "vault_keys_unusable"


def test_an_unknown_suite_is_refused(tmp_path: Path) -> None:
    Vault.create(tmp_path)
    content = json.loads((tmp_path / KEY_FILE).read_text())
    content["sealing"][0]["suite"] = "SM4-GCM"
    (tmp_path / KEY_FILE).write_text(json.dumps(content))
    with pytest.raises(YibiaoError) as refusal:
        Vault.open_folder(tmp_path)
    assert refusal.value.code == "vault_keys_unusable"
    assert content["sealing"][0]["secret"] not in str(refusal.value)


def test_keys_that_others_can_read_and_missing_keys_are_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(YibiaoError, match="yibiao init") as missing:
        Vault.open_folder(tmp_path)
    assert missing.value.kind is Kind.NOT_FOUND
    Vault.create(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(YibiaoError, match="chmod 600"):
        Vault.open_folder(tmp_path)


def test_rows_are_fingerprinted_alike_as_text_and_as_bytes(vault: Vault) -> None:
    first, second, third = vault.fingerprint(["行", "行".encode(), b"other"])
    assert first == second != third
    assert len(first) == 22
    assert vault.fingerprint([]) == []


def test_signatures_hold_for_exactly_what_was_signed(vault: Vault) -> None:
    digest = digest_of(b"a frozen report")
    signature = vault.sign(digest)
    assert vault.verify(digest, signature)
    assert not vault.verify(digest_of(b"a frozen report."), signature)
    assert not vault.verify(digest, "9:" + signature.partition(":")[2])
    assert not any(vault.verify(digest, bad) for bad in ("", "1:", "1:!!", "x", signature[:-8]))
    assert list(vault.public_keys()) == ["1"]


def test_tokens_are_long_random_and_stored_as_digests(vault: Vault) -> None:
    one, two = new_token(), new_token()
    assert one != two
    assert len(one) > 40
    assert vault.token_digest(one) == vault.token_digest(one) != vault.token_digest(two)
    assert one not in vault.token_digest(one)


def test_no_secret_in_any_repr(vault: Vault) -> None:
    assert "secret" not in repr(vault)
    assert all("secret" not in repr(key) for key in vault._keys.sealing)

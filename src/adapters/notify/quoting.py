MOST = 200


def quoted(words: str, *, hiding: tuple[str | None, ...] = ()) -> str:
    """Repeat somebody else's words in a sentence of ours: one printable line, cut short, its secrets hidden."""
    for hidden in hiding:
        if hidden:
            words = words.replace(hidden, "…")
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    return line if len(line) <= MOST else f"{line[:MOST]}…"


def sayable(text: str) -> str:
    """Return the text without what no channel can carry: control characters and halves of surrogate pairs."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign for sign in whole if sign in "\n\t" or (ord(sign) >= 32 and ord(sign) != 127))


def masked(contact: str) -> str:
    """Return enough of a contact for its owner to know it again."""
    return f"…{contact[-4:]}" if len(contact) > 4 else "…"

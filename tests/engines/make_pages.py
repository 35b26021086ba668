"""Makes the golden pages anew: `python -m tests.engines.make_pages`. Texts beside them are by hand."""

from tests.engines.samples import INVOICE, LETTER, PAGES, encoded, form_pdf, pdf, printed


def main() -> None:
    """Write every page."""
    (PAGES / "letter.pdf").write_bytes(pdf([LETTER]))
    (PAGES / "form.pdf").write_bytes(form_pdf())
    (PAGES / "letter_and_scan.pdf").write_bytes(pdf([LETTER, printed(INVOICE, 2)]))
    (PAGES / "invoice.png").write_bytes(encoded(printed(INVOICE)))
    (PAGES / "receipt.jpg").write_bytes(encoded(printed(["Corner Shop", "Milk 1.20", "Bread 2.35"]), "JPEG"))


if __name__ == "__main__":
    main()

"""The demo shop: two small web shops that pay by installments through the public API. Start it with `--help`."""

from storefront.main import main

if __name__ == "__main__":
    raise SystemExit(main())

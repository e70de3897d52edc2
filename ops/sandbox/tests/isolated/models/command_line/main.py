import argparse
import json
import sys


def summarise(numbers):
    return {"count": len(numbers), "total": sum(numbers), "mean": sum(numbers) / len(numbers)}


def main(argv=None):
    parser = argparse.ArgumentParser(description="Summarises numbers.")
    parser.add_argument("numbers", nargs="*", type=float)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    numbers = args.numbers or [float(line) for line in sys.stdin if line.strip()]
    if not numbers:
        print("error: no numbers", file=sys.stderr)
        return 2
    found = summarise(numbers)
    if args.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/bin/sh
# The main job, once through: extract a folder, search in it, say what failed. `make demo` calls it.
set -eu

samples="samples/papers"
mkdir -p "$DEMO"
QUERY="${QUERY:-}"
case "$PAPERS" in
"~"/*) PAPERS="$HOME/${PAPERS#"~"/}" ;;
esac
if [ ! -e "$PAPERS" ]; then
	echo "There is no folder $PAPERS. Give one with: make demo PAPERS=/path/to/papers"
	exit 1
fi
if [ "$PAPERS" = "$samples" ]; then
	db="$DEMO/samples.db"
	rm -f "$db" "$db"-wal "$db"-shm "$db".lock # the samples are done afresh each time
	QUERY="${QUERY:-\"water level\"}"
else
	db="$DEMO/papers.db" # one's own carry on where they stopped
	QUERY="${QUERY:-results}"
fi

say() { printf '\n== %s\n\n' "$1"; }

say "reslib extract $PAPERS --db $db --workers $WORKERS"
code=0
"$BIN/reslib" extract "$PAPERS" --db "$db" --workers "$WORKERS" --progress || code=$?
[ "$code" -le 1 ] || exit "$code"

search() {
	say "reslib search '$1' --db $db"
	"$BIN/reslib" search "$1" --db "$db"
}

search "$QUERY"
[ "$PAPERS" != "$samples" ] || search "heron" # this one is on a second page

say "reslib status --db $db"
"$BIN/reslib" status --db "$db"

echo
if [ "$PAPERS" = "$samples" ]; then
	if [ "$code" -eq 0 ]; then
		echo "A broken download and a locked file should have failed, and did not."
		exit 1
	fi
	echo "The demo went well. Two samples fail on purpose (a broken download, a locked file), and"
	echo "two are scans, which OCR reads where it is installed: so you see above how reslib tells it."
	echo "Now your own papers:"
	echo
	echo "    make demo PAPERS=~/papers QUERY='some words'"
else
	echo "Search on with:  $BIN/reslib search 'some words' --db $db"
	[ "$code" -eq 0 ] || echo "What failed:     $BIN/reslib failed --db $db"
fi

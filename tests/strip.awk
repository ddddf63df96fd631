# strip.awk - C without comments, line by line; with -v strings=no without the strings' content too.
#
# Line numbers stay.  Used by tests/layers and tests/numbers.  Rest of the line at a time, since a
# character at a time is slow in mawk.

FNR == 1 { comment = 0 }

{
	line = $0
	out = ""
	while (line != "") {
		if (comment) {
			end = index(line, "*/")
			if (!end)
				break
			line = substr(line, end + 2)
			comment = 0
		} else if (match(line, /\/\*|\/\/|"|'/)) {
			out = out substr(line, 1, RSTART - 1)
			start = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			if (start == "//")
				break
			if (start == "/*")
				comment = 1
			else
				quoted(start)
		} else {
			out = out line
			break
		}
	}
	print out
}

# Passes a string or a character; both end on the line on which they begin.
function quoted(quote,    body)
{
	body = ""
	while (match(line, (quote == "\"") ? "\\\\.|\"" : "\\\\.|'")) {
		body = body substr(line, 1, RSTART + RLENGTH - 1)
		start = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (start == quote) {
			out = out quote (strings == "no" ? quote : body)
			return
		}
	}
	out = out quote body line
	line = ""
}

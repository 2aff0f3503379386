"""What a terminal shows after some bytes: as much of one as devstack uses (ECMA-48's CUU, ED and EL,
SGR, carriage return, automatic wrap), with everything that scrolled away kept."""

import re
import unicodedata

TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b(.)|([\r\n\t\b\a])|([^\x1b\r\n\t\b\a]+)", re.S)


class Screen:
    def __init__(self, columns=100):
        self.columns = columns
        self.lines = [[]]
        self.row = 0
        self.column = 0
        self.unknown = []  # sequences that devstack has no business sending

    def feed(self, text):
        for match in TOKEN.finditer(text):
            parameters, final, escape, control, plain = match.groups()
            if final:
                self._sequence(parameters, final)
            elif escape:
                self.unknown.append(match.group())
            elif control:
                self._control(control)
            else:
                for character in plain:
                    self._put(character)
        return self

    def _sequence(self, parameters, final):
        if final == "A":
            self.row = max(0, self.row - int(parameters or 1))
        elif final == "K" and parameters in ("", "0"):
            del self.lines[self.row][self.column :]
        elif final == "J" and parameters in ("", "0"):
            del self.lines[self.row][self.column :]
            del self.lines[self.row + 1 :]
        elif final != "m":
            self.unknown.append(f"CSI {parameters}{final}")

    def _control(self, control):
        if control == "\r":
            self.column = 0
        elif control == "\n":
            self._down()
        elif control == "\t":
            for _ in range(8 - self.column % 8):
                self._put(" ")

    def _down(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])

    def _put(self, character):
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if self.column + width > self.columns:
            self.column = 0
            self._down()
        line = self.lines[self.row]
        line.extend(" " * (self.column + width - len(line)))
        line[self.column] = character
        for extra in range(1, width):
            line[self.column + extra] = ""
        self.column += width

    @property
    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.lines).rstrip()


def render(text, columns=100):
    """The text that is left to read after these bytes."""
    return Screen(columns).feed(text).text
